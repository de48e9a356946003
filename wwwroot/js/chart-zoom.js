// Where somebody zooms in, the hub gives finer points.
import { NO_POINTS, readCurves } from './chart-curves.js';

const REFINE_AFTER_MS = 150;

/** After a zoom the hub is asked for finer points of what is seen, unless every point is here already. */
export function zoomed(chart, e) {
  const [from, to] = e['xaxis.range'] ?? [e['xaxis.range[0]'], e['xaxis.range[1]']];
  if (from === undefined && !e['xaxis.autorange']) return;   // the y axis, or the size
  clearTimeout(chart.refining);
  chart.refining = setTimeout(() => refineBetween(chart, from, to), REFINE_AFTER_MS);
}

async function refineBetween(chart, from, to) {
  const asked = chart.asked = {};
  const steps = from === undefined ? null : stepsBetween(chart, from, to);
  const thinned = steps ? chart.series.filter(s => chart.curves.get(s.id)?.thinned) : [];
  const details = thinned.length ? await readCurves(thinned.map(s => s.id), { steps }) : new Map();
  if (chart.disposed || chart.asked !== asked || !details) return;   // zoomed again meanwhile
  const changes = details.size + chart.details.size > 0;
  chart.details = details;
  if (changes) chart.redraw();
}

/** The steps that lie between two places of the x axis, and one more at each side so that lines reach the edge; null: all of them. */
function stepsBetween(chart, from, to) {
  let low = Infinity, high = -Infinity, all = true;
  for (const s of chart.series) {
    const curve = chart.curves.get(s.id) ?? NO_POINTS;
    if (!curve.thinned) continue;   // there is nothing finer, so it must not widen what is read
    const inside = curve.step.filter((_, i) => chart.x(s, curve, i) >= from && chart.x(s, curve, i) <= to);
    all &&= inside.length === curve.step.length;
    const first = curve.step.findLastIndex((_, i) => chart.x(s, curve, i) < from);
    const last = curve.step.findIndex((_, i) => chart.x(s, curve, i) > to);
    low = Math.min(low, curve.step[Math.max(0, first)]);
    high = Math.max(high, curve.step.at(last));
  }
  return all || low > high ? null : [low, high];
}
