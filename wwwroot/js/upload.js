// Sends files over HTTP in parts, never through the circuit: a cut connection costs one part, and the page only hears how far it is.
const PART_BYTES = 8 << 20;
const TRIES = 4;
const TELL_EVERY_MS = 200;

const zones = new Map();

/** Takes files that are dropped on `zone` or chosen in its input, one at a time, and tells `page` about them. */
export function attach(zone, page) {
  const input = zone.querySelector('input[type=file]');
  const abort = new AbortController();
  const { signal } = abort;
  const take = files => { if (files.length > 0) send(files[0], page, zones.get(zone)); };
  zones.set(zone, { abort, current: null });
  input.addEventListener('change', () => { take([...input.files]); input.value = ''; }, { signal });
  // The whole page takes a drop; without this a file dropped beside the zone would replace the page.
  document.addEventListener('dragover', e => { e.preventDefault(); zone.dataset.over = 'true'; }, { signal });
  document.addEventListener('dragleave', e => { if (!e.relatedTarget) delete zone.dataset.over; }, { signal });
  document.addEventListener('drop', e => { e.preventDefault(); delete zone.dataset.over; take([...(e.dataTransfer?.files ?? [])]); }, { signal });
}

export function cancel(zone) {
  zones.get(zone)?.current?.abort();
}

export function detach(zone) {
  cancel(zone);
  zones.get(zone)?.abort.abort();
  zones.delete(zone);
}

async function send(file, page, state) {
  state.current?.abort();
  const abort = state.current = new AbortController();
  try {
    await page.invokeMethodAsync('UploadBegan', file.name, file.size);
    const upload = await ask('/api/v1/uploads', {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ file_name: file.name, size: file.size }), signal: abort.signal,
    });
    const began = performance.now();
    let told = 0;
    for (let offset = 0; offset < file.size;) {
      const part = file.slice(offset, offset + PART_BYTES);
      await putPart(upload.id, offset, part, abort.signal);
      offset += part.size;
      const now = performance.now();
      if (now - told > TELL_EVERY_MS || offset === file.size) {
        told = now;
        await page.invokeMethodAsync('UploadProgressed', offset, file.size, offset / Math.max(0.001, (now - began) / 1000));
      }
    }
    await page.invokeMethodAsync('UploadEnded', upload.id);
  } catch (e) {
    if (!abort.signal.aborted) await page.invokeMethodAsync('UploadFailed', e.message);
  }
}

async function putPart(id, offset, part, signal) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(`/api/v1/uploads/${id}?offset=${offset}`, { method: 'PUT', body: part, signal });
    } catch (e) {
      if (signal.aborted || e.final || attempt === TRIES) throw e;
      await new Promise(done => setTimeout(done, 500 * 2 ** attempt));
    }
  }
}

async function ask(url, options) {
  const answer = await fetch(url, { credentials: 'same-origin', ...options });
  if (answer.ok) return answer.json();
  const fault = await answer.json().catch(() => null);
  const error = new Error(fault?.error?.message ?? `${answer.status} ${answer.statusText}`);
  error.final = answer.status < 500;
  throw error;
}
