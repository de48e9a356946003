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
