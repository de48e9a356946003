// A page that is asked for while the hub is away: instead of the browser's own fault, which has to be reloaded by hand, the reader gets a
// page of ours that opens the one asked for as soon as the hub is back. Nothing else is kept, and nothing but whole pages passes here.
const KEPT = 'hub-away', PAGE = '/account/away';

async function keep() {
  const page = await fetch(PAGE, { cache: 'no-store' });
  if (page.ok) await (await caches.open(KEPT)).put(PAGE, page);
}

async function away(fault) {
  const page = await caches.match(PAGE);
  if (!page) throw fault;
  return new Response(page.body, { status: 503, headers: page.headers });
}

async function open(event) {
  try {
    return await event.preloadResponse ?? await fetch(event.request);
  } catch (fault) {
    return away(fault);
  }
}

addEventListener('install', event => event.waitUntil(keep().then(() => skipWaiting())));
addEventListener('activate', event => event.waitUntil(Promise.all([clients.claim(), registration.navigationPreload?.enable()])));
addEventListener('message', event => {
  // Without an answer the page that was kept before stays.
  if (event.data === 'keep') event.waitUntil(keep().catch(() => {}));
});
addEventListener('fetch', event => {
  if (event.request.mode === 'navigate' && event.request.method === 'GET') event.respondWith(open(event));
});
