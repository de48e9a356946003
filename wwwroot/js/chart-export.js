// A chart's numbers as a file, and as a table for who cannot see the lines.
import { readCurves } from './chart-curves.js';
import { element, format } from './chart-text.js';

/** A cell of a CSV file. Text that a spreadsheet would take for a formula gets an apostrophe: names come from other people. */
const quote = v => {
  const text = typeof v === 'string' && /^[=+\-@\t\r]/.test(v) ? `'${v}` : String(v);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Every point, not only those that were thinned for the screen. */
export async function downloadCsv(chart) {
  const thinned = chart.series.filter(s => chart.curves.get(s.id)?.thinned).map(s => s.id);
  const whole = thinned.length ? await readCurves(thinned, { full: true }) : null;
  const rows = [['run', 'name', 'key', 'step', 'epoch', 'time', 'value']];
  for (const s of chart.series) {
    const curve = whole?.get(s.id) ?? chart.curves.get(s.id);
    curve?.step.forEach((step, i) => rows.push([s.run, s.name, s.key, step, curve.epoch[i], new Date(curve.time[i]).toISOString(), curve.value[i]]));
  }
  download(`${chart.options.file}.csv`, rows.map(r => r.map(quote).join(',')).join('\n') + '\n');
}

/** One row a step, one column a curve. */
export function toggleTable(chart) {
  const slot = chart.panel.querySelector('[data-table]');
  slot.hidden = !slot.hidden;
  if (slot.hidden) return;
  const rows = new Map();
  chart.series.forEach((s, column) => {
    const curve = chart.curves.get(s.id);
    curve?.step.forEach((step, i) => {
      if (!rows.has(step)) rows.set(step, []);
      rows.get(step)[column] = curve.value[i];
    });
  });
  const table = element('table', 'table auto');
  const head = table.createTHead().insertRow();
  for (const title of [chart.options.labels.step, ...chart.series.map(s => s.name)]) head.append(element('th', 'number', title));
  const body = table.createTBody();
  for (const [step, values] of [...rows].sort((a, b) => b[0] - a[0])) {
    const row = body.insertRow();
    row.append(element('td', 'number', format(step, false)));
    chart.series.forEach((_, i) => row.append(element('td', 'number', values[i] === undefined ? '' : format(values[i], chart.options.share))));
  }
  slot.replaceChildren(table);
}

function download(name, text) {
  const link = Object.assign(document.createElement('a'), { download: name, href: URL.createObjectURL(new Blob([text], { type: 'text/csv' })) });
  link.click();
  URL.revokeObjectURL(link.href);
}
