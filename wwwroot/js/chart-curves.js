// The points of a curve in the browser: read, extended, thinned, refined where somebody zooms in.
const MAX_POINTS = 2000;

export const finite = v => Number.isFinite(v) ? v : null;

export const NO_POINTS = { step: [], value: [], time: [], epoch: [] };

/** Curves by "run:key"; null when the hub refuses. With steps only what lies between them, in finer buckets; full: every point there is. */
export async function readCurves(ids, { steps = null, full = false } = {}) {
  const query = new URLSearchParams(ids.map(id => ['s', id]));
  if (steps) {
    query.set('from', steps[0]);
    query.set('to', steps[1]);
  }
  if (full) query.set('full', 'true');
  const answer = await fetch(`/runs/curves?${query}`);
  return answer.ok ? new Map((await answer.json()).map(slice => [`${slice.run}:${slice.key}`, toCurve(slice)])) : null;
}

function toCurve(slice) {
  return {
    next: slice.next,
    start: slice.start,
    thinned: slice.step.length < slice.next - slice.first,
    step: slice.step,
    value: slice.value.map(Number),
    time: slice.time,
    epoch: slice.epoch.map(Number),
  };
}

/** Adds what of a slice is new. False when nothing was; a curve that grew too long is thinned. */
export function append(curve, slice) {
  const seen = Math.max(0, curve.next - slice.first);
  if (slice.next <= curve.next || seen >= slice.step.length) return false;
  for (let i = seen; i < slice.step.length; i++) {
    curve.step.push(slice.step[i]);
    curve.value.push(Number(slice.value[i]));
    curve.time.push(slice.time[i]);
    curve.epoch.push(Number(slice.epoch[i]));
  }
  curve.next = slice.next;
  if (curve.step.length > MAX_POINTS) {
    halve(curve);
    curve.thinned = true;
    curve.wasThinned = true;
  }
  return true;
}

/** The curve with the finer points where there are some. */
export function refine(curve, detail) {
  if (!detail?.step.length) return curve;
  const [from, to] = [detail.step[0], detail.step.at(-1)];
  const before = curve.step.findIndex(s => s >= from);
  const after = curve.step.findIndex(s => s > to);
  const joined = {};
  for (const key of ['step', 'value', 'time', 'epoch']) {
    joined[key] = [...curve[key].slice(0, before < 0 ? curve.step.length : before), ...detail[key], ...(after < 0 ? [] : curve[key].slice(after))];
  }
  return joined;
}

/** Half the points: of each two neighbours' pair the lowest and the highest, so that no spike is lost. */
function halve(curve) {
  const keep = [];
  const last = curve.step.length - 1;
  for (let i = 0; i <= last; i += 4) {
    let low = i, high = i;
    for (let j = i + 1; j < Math.min(i + 4, last + 1); j++) {
      if (curve.value[j] < curve.value[low] || Number.isNaN(curve.value[low])) low = j;
      if (curve.value[j] > curve.value[high] || Number.isNaN(curve.value[high])) high = j;
    }
    keep.push(Math.min(low, high));
    if (low !== high) keep.push(Math.max(low, high));
  }
  if (keep.at(-1) !== last) keep.push(last);
  for (const key of ['step', 'value', 'time', 'epoch']) curve[key] = keep.map(i => curve[key][i]);
}

/** Exponential moving average that starts at the first value, not at zero; NaN and infinities are left out. */
export function movingAverage(weight) {
  let sum = 0, count = 0;
  return value => {
    if (!Number.isFinite(value)) return null;
    sum = sum * weight + (1 - weight) * value;
    count++;
    return sum / (1 - weight ** count);
  };
}
