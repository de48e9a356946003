// Small things that every page needs and that must not wait for the server.

const closeMenus = except => document.querySelectorAll('details.menu[open]').forEach(m => { if (m !== except) m.open = false; });

document.addEventListener('click', e => {
  const menu = e.target.closest('details.menu');
  closeMenus(menu);
  if (menu && e.target.closest('.menu-item')) menu.open = false;

  const theme = e.target.closest('[data-choose-theme]');
  if (theme) window.hubTheme.choose(theme.dataset.chooseTheme);

  const copy = e.target.closest('[data-copy]');
  if (copy) copyText(copy);
});

document.addEventListener('keydown', e => {
  if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') {
    e.preventDefault();
    document.querySelector('[data-palette]')?.click();
  }
  if (e.key === 'Escape') {
    const open = document.querySelector('details.menu[open]');
    if (open) { open.open = false; open.querySelector('summary').focus(); }
  }
});

// The clipboard exists on https and on localhost only; elsewhere the old way still works.
async function copyText(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = Object.assign(document.createElement('textarea'), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  button.dataset.copied = 'true';
  setTimeout(() => delete button.dataset.copied, 1500);
}

// Keys that a page declares: <… data-key="n"> is clicked when its key is pressed outside a field.
document.addEventListener('keydown', e => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, textarea, select, [contenteditable]')) return;
  const target = document.querySelector(`[data-key="${CSS.escape(e.key)}"]`);
  if (!target) return;
  e.preventDefault();
  if (target.matches('input, textarea')) target.focus(); else target.click();
});

// The exact time of "26 min ago", in the visitor's own zone and language.
document.addEventListener('mouseover', e => {
  const time = e.target.closest?.('time[datetime]');
  if (time) time.title = new Date(time.dateTime).toLocaleString(document.documentElement.lang);
});

// Password fields: show what was typed, and say how strong it is (length counts most, then variety).
document.addEventListener('click', e => {
  const reveal = e.target.closest('[data-reveal]');
  if (!reveal) return;
  const field = document.getElementById(reveal.dataset.reveal);
  field.type = field.type === 'password' ? 'text' : 'password';
});

document.addEventListener('input', e => {
  const meter = e.target.id && document.querySelector(`[data-meter="${CSS.escape(e.target.id)}"]`);
  if (!meter) return;
  const text = e.target.value;
  const different = new Set(text).size;
  const level = text.length < 10 || different < 4 ? 1 : text.length < 12 ? 2 : text.length < 14 || different < 8 ? 3 : 4;
  meter.dataset.level = text ? level : 0;
  meter.querySelector('span').textContent = text ? meter.dataset.words.split('|')[level - 1] : '';
});

// Forms: brings a field into view and puts the cursor into it, after the page has drawn it.
window.hubForms = {
  show(id) {
    requestAnimationFrame(() => {
      const field = document.getElementById(id);
      field?.scrollIntoView({ block: 'center' });
      field?.focus();
    });
  },
};

document.addEventListener('click', e => {
  const jump = e.target.closest('[data-scroll]');
  if (jump) document.getElementById(jump.dataset.scroll)?.scrollIntoView({ block: 'start', behavior: 'smooth' });
});

// Enter sends, Shift+Enter breaks the line; what was typed has reached the page by then (it is bound to each input).
document.addEventListener('keydown', e => {
  if (e.key !== 'Enter' || e.shiftKey || e.isComposing || !e.target.dataset?.submit) return;
  e.preventDefault();
  document.getElementById(e.target.dataset.submit)?.click();
});

// While the hub is away the page keeps asking; a hub that was started anew does not know the page any more, and then it is opened again.
document.getElementById('components-reconnect-modal')?.addEventListener('components-reconnect-state-changed', e => {
  if (e.detail.state === 'rejected' || e.detail.state === 'failed') window.hubAway.openAgain();
  // Blazor takes a connection that could not be made for a fault of the page, and does not take that back.
  if (e.detail.state === 'hide') document.getElementById('blazor-error-ui').style.display = '';
});
