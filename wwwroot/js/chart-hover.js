// What all curves of a page say at the place of the mouse: sorted by value, in every chart at once.
import { element, format } from './chart-text.js';

const HOVER_LINES = 12;

let following = false;

export function showHover(chart, charts, e) {
  if (following) return;
  const at = e.xvals?.[0] ?? e.points[0].x;
  const lines = chart.series
    .map(s => ({ s, ...nearest(chart, s, at) }))
    .filter(l => l.value !== undefined)
    .sort((a, b) => b.value - a.value);
  showBox(chart, e, at, lines);
  following = true;
  for (const other of charts) {
    if (other !== chart && other.drawn && other.visible && other.options.x === chart.options.x) window.Plotly.Fx.hover(other.plot, { xval: at });
  }
  following = false;
}

function nearest(chart, s, at) {
  const curve = chart.shown(s);
  if (!curve.step.length) return {};
  let best = 0;
  for (let i = 1; i < curve.step.length; i++) {
    if (Math.abs(chart.x(s, curve, i) - at) <= Math.abs(chart.x(s, curve, best) - at)) best = i;
  }
  return { value: curve.value[best], step: curve.step[best], epoch: curve.epoch[best] };
}

function showBox(chart, e, at, lines) {
  const labels = chart.options.labels;
  chart.box ??= chart.panel.appendChild(element('div', 'chart-hover'));
  const first = lines[0];
  const title = first ? `${labels.step} ${format(first.step, false)}${Number.isFinite(first.epoch) ? ` · ${labels.epoch} ${format(first.epoch, false)}` : ''}` : '';
  const shown = lines.length > HOVER_LINES
    ? [...lines].sort((a, b) => Math.abs(a.value - e.yvals?.[0]) - Math.abs(b.value - e.yvals?.[0])).slice(0, HOVER_LINES).sort((a, b) => b.value - a.value)
    : lines;
  chart.box.replaceChildren(element('b', '', title), ...shown.map(l => {
    const row = element('div');
    row.append(element('span', `dot c${l.s.hue}${l.s.dash ? ' dashed' : ''}`), element('span', 'cut', l.s.name), element('span', '', format(l.value, chart.options.share)));
    return row;
  }));
  if (lines.length > shown.length) chart.box.append(element('div', 'faint', labels.more.replace('{0}', lines.length - shown.length)));
  chart.box.hidden = false;
  const panel = chart.panel.getBoundingClientRect();
  const left = e.event.clientX - panel.left;
  const flip = left > panel.width / 2;
  chart.box.style.left = flip ? 'auto' : `${left + 14}px`;
  chart.box.style.right = flip ? `${panel.width - left + 14}px` : 'auto';
  chart.box.style.top = `${Math.max(34, e.event.clientY - panel.top - 30)}px`;
}

export function hideHover(chart, charts) {
  if (following) return;
  if (chart.box) chart.box.hidden = true;
  following = true;
  for (const other of charts) if (other !== chart && other.drawn) window.Plotly.Fx.unhover(other.plot);
  following = false;
}
