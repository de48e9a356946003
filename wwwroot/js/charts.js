// Live curves over Plotly. A chart loads its curves once over HTTP and then only receives points; it draws at most ten times a second, only
// what is new, and not at all while it is out of sight.
const PLOTLY = '/_content/Plotly.Blazor/plotly-basic-3.7.0.min.js';
const DRAW_EVERY_MS = 100;
const MAX_POINTS = 2000;
const HOVER_LINES = 12;
const DASHES = ['solid', '6px,3px', '2px,3px'];

const charts = new Map();
let plotly;
let following = false;

const loadPlotly = () => plotly ??= new Promise((resolve, reject) => {
  const script = Object.assign(document.createElement('script'), { src: PLOTLY });
  script.onload = () => resolve(window.Plotly);
  script.onerror = () => reject(new Error('The chart library did not load.'));
  document.head.append(script);
});

export async function create(panel, options) {
  const chart = new Chart(panel, options);
  charts.set(panel, chart);
  await chart.load();
}

export function update(panel, options) {
  charts.get(panel)?.update(options);
}

export function dispose(panel) {
  charts.get(panel)?.dispose();
  charts.delete(panel);
}

/** New points, as JSON: [{run, key, first, next, step[], value[], time[], epoch[]}]. Every chart takes what it shows. */
export function push(json) {
  const slices = JSON.parse(json);
  for (const chart of charts.values()) chart.push(slices);
}

/** A run went back to an earlier step: what was drawn after it no longer counts. */
export function reload(run) {
  for (const chart of charts.values()) if (chart.shows(run)) chart.load();
}

document.addEventListener('themechange', () => { for (const chart of charts.values()) chart.redraw(); });
document.addEventListener('keydown', e => {
  if (e.key === 'Escape') for (const chart of charts.values()) chart.setLarge(false);
});

class Chart {
  constructor(panel, options) {
    this.panel = panel;
    this.plot = panel.querySelector('[data-plot]');
    this.curves = new Map();
    this.pending = new Map();
    this.visible = true;
    this.stale = true;
    this.drawnAt = 0;
    this.setOptions(options);
    this.observer = new IntersectionObserver(entries => {
      this.visible = entries.at(-1).isIntersecting;
      if (this.visible) this.schedule();
    }, { rootMargin: '120px' });
    this.observer.observe(panel);
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.plot);
    this.onClick = e => this.act(e.target.closest('[data-chart-action]')?.dataset.chartAction);
    panel.addEventListener('click', this.onClick);
    this.onLeave = () => hideHover(this);
    this.plot.addEventListener('mouseleave', this.onLeave);
  }

  /** Takes the room there is; a panel that just left the page has none. */
  fit() {
    if (this.drawn && this.plot.clientWidth > 0) window.Plotly.Plots.resize(this.plot);
  }

  setOptions(options) {
    this.options = options;
    this.series = options.series.map(s => ({ ...s, id: `${s.run}:${s.key}` }));
  }

  shows(run) {
    return this.series.some(s => s.run === run);
  }

  async update(options) {
    const known = new Set(this.series.map(s => s.id));
    this.setOptions(options);
    if (this.series.some(s => !known.has(s.id))) await this.load(known);
    else this.redraw();
  }

  /** Curves that are not there yet (or all). Points that are pushed meanwhile wait and are cut where they overlap. */
  async load(except = new Set()) {
    const wanted = this.series.filter(s => !except.has(s.id));
    if (wanted.length) {
      const query = new URLSearchParams(wanted.map(s => ['s', s.id]));
      const answer = await fetch(`/runs/curves?${query}`);
      if (!answer.ok) {
        this.say(this.options.labels.failed);
        return;
      }
      for (const slice of await answer.json()) {
        const id = `${slice.run}:${slice.key}`;
        this.curves.set(id, {
          next: slice.next,
          step: slice.step,
          value: slice.value.map(Number),
          time: slice.time,
          epoch: slice.epoch.map(Number),
        });
        const waiting = this.pending.get(id);
        if (waiting) {
          this.pending.delete(id);
          for (const later of waiting) this.append(later);
        }
      }
    }
    this.redraw();
  }

  push(slices) {
    for (const slice of slices) {
      const id = `${slice.run}:${slice.key}`;
      if (!this.series.some(s => s.id === id)) continue;
      if (this.curves.has(id)) this.append(slice);
      else this.pending.set(id, [...(this.pending.get(id) ?? []), slice]);
    }
  }

  append(slice) {
    const curve = this.curves.get(`${slice.run}:${slice.key}`);
    const seen = Math.max(0, curve.next - slice.first);
    if (slice.next <= curve.next || seen >= slice.step.length) return;
    for (let i = seen; i < slice.step.length; i++) {
      curve.step.push(slice.step[i]);
      curve.value.push(Number(slice.value[i]));
      curve.time.push(slice.time[i]);
      curve.epoch.push(Number(slice.epoch[i]));
    }
    curve.next = slice.next;
    if (curve.step.length > MAX_POINTS) {
      halve(curve);
      this.stale = true;
    }
    this.schedule();
  }

  redraw() {
    this.stale = true;
    this.schedule();
  }

  schedule() {
    if (this.waiting || this.disposed) return;
    this.waiting = true;
    const wait = Math.max(0, DRAW_EVERY_MS - (performance.now() - this.drawnAt));
    setTimeout(() => requestAnimationFrame(() => this.draw()), wait);
  }

  async draw() {
    const library = await loadPlotly();
    this.waiting = false;
    if (!this.visible || this.disposed || !this.panel.isConnected) return;
    this.drawnAt = performance.now();
    if (this.stale || !this.drawn) this.drawAll(library);
    else this.drawNew(library);
    this.showLast();
  }

  drawAll(library) {
    this.stale = false;
    this.colors = readColors();
    this.traces = [];
    const empty = this.series.every(s => !this.curves.get(s.id)?.step.length);
    this.say(empty ? this.options.labels.empty : '');
    for (const s of this.series) this.addTraces(s);
    this.addBadMarks();
    library.react(this.plot, this.traces, this.layout(), { displaylogo: false, displayModeBar: false, responsive: false, doubleClick: 'reset' });
    if (!this.drawn) {
      this.drawn = true;
      this.plot.on('plotly_hover', e => onHover(this, e));
      this.plot.on('plotly_unhover', () => hideHover(this));
    }
    this.plot.dataset.points = this.countPoints();
  }

  drawNew(library) {
    const update = { x: [], y: [] };
    const indices = [];
    let bad = false;
    for (const s of this.series) {
      const curve = this.curves.get(s.id);
      if (!curve || s.drawnTo === curve.step.length) continue;
      const xs = [], ys = [], smooth = [];
      for (let i = s.drawnTo; i < curve.step.length; i++) {
        xs.push(this.x(s, curve, i));
        ys.push(finite(curve.value[i]));
        bad ||= !Number.isFinite(curve.value[i]);
        if (s.average) smooth.push(s.average(curve.value[i]));
      }
      s.drawnTo = curve.step.length;
      update.x.push(xs);
      update.y.push(ys);
      indices.push(s.rawTrace);
      if (s.average) {
        update.x.push(xs);
        update.y.push(smooth);
        indices.push(s.smoothTrace);
      }
    }
    if (bad) this.drawAll(library);
    else if (indices.length) library.extendTraces(this.plot, update, indices);
    if (indices.length) this.say('');
    this.plot.dataset.points = this.countPoints();
  }

  addTraces(s) {
    const curve = this.curves.get(s.id) ?? { step: [], value: [], time: [], epoch: [] };
    const color = this.colors.runs[s.hue - 1];
    const x = curve.step.map((_, i) => this.x(s, curve, i));
    const y = curve.value.map(finite);
    const smoothed = s.smooth && this.options.smoothing > 0 && s.style !== 'marks';
    const line = { color, width: 1.6, dash: DASHES[s.dash] ?? 'solid' };
    s.rawTrace = this.traces.length;
    this.traces.push({
      type: 'scatter', x, y, name: s.name, connectgaps: false,
      mode: s.style === 'marks' ? 'lines+markers' : curve.step.length === 1 ? 'markers' : 'lines',
      marker: { size: 6, color, line: { width: 1.5, color: this.colors.surface } },
      line: smoothed ? { ...line, width: 1 } : line,
      opacity: smoothed ? 0.28 : 1,
      hoverinfo: smoothed ? 'skip' : 'none',
    });
    s.average = smoothed ? movingAverage(this.options.smoothing) : null;
    if (smoothed) {
      s.smoothTrace = this.traces.length;
      this.traces.push({ type: 'scatter', mode: 'lines', x: [...x], y: curve.value.map(s.average), name: s.name, line, connectgaps: false, hoverinfo: 'none' });
    }
    s.drawnTo = curve.step.length;
  }

  /** NaN and infinities have no height: a cross at the top edge says at which step they came. */
  addBadMarks() {
    const x = [], color = [], text = [];
    for (const s of this.series) {
      const curve = this.curves.get(s.id);
      curve?.value.forEach((v, i) => {
        if (Number.isFinite(v)) return;
        x.push(this.x(s, curve, i));
        color.push(this.colors.runs[s.hue - 1]);
        text.push(String(v));
      });
    }
    if (x.length) {
      this.traces.push({ type: 'scatter', mode: 'markers', x, y: x.map(() => 0.97), yaxis: 'y2', marker: { symbol: 'x', size: 7, color }, text, hoverinfo: 'x+text' });
    }
  }

  x(s, curve, i) {
    switch (this.options.x) {
      case 'time': return (curve.time[i] - this.startOf(s)) / 60000;
      case 'epoch': return finite(curve.epoch[i]);
      default: return curve.step[i];
    }
  }

  startOf(s) {
    let start = Infinity;
    for (const other of this.series) {
      const curve = other.run === s.run ? this.curves.get(other.id) : null;
      if (curve?.time.length) start = Math.min(start, curve.time[0]);
    }
    return start;
  }

  layout() {
    const c = this.colors;
    const font = { family: c.font, size: 11, color: c.text3 };
    const axis = { zeroline: false, showline: false, ticks: '', nticks: 5, automargin: false, exponentformat: 'e', separatethousands: true, tickfont: font, ticklabelstandoff: 3 };
    const end = this.options.x === 'step' ? this.options.steps : this.options.x === 'epoch' ? this.options.epochs : 0;
    return {
      margin: { l: 48, r: 16, t: 8, b: 24 },
      paper_bgcolor: 'rgba(0,0,0,0)',
      plot_bgcolor: 'rgba(0,0,0,0)',
      font,
      showlegend: false,
      separators: '.\u202f',
      uirevision: `${this.options.x}|${this.options.log}`,
      hovermode: 'x',
      dragmode: 'zoom',
      xaxis: {
        ...axis, showgrid: false, rangemode: 'tozero', showspikes: true, spikemode: 'across', spikesnap: 'hovered data', spikethickness: 1, spikecolor: c.text3, spikedash: 'solid',
        ...(end > 0 ? { range: [0, end] } : { autorange: true }),
      },
      yaxis: { ...axis, gridcolor: c.line, gridwidth: 1, type: this.options.log ? 'log' : 'linear', rangemode: this.options.fromZero ? 'tozero' : 'normal', autorangeoptions: this.options.share ? { clipmin: 0, clipmax: 1.02 } : {} },
      yaxis2: { overlaying: 'y', range: [0, 1], visible: false, fixedrange: true },
    };
  }

  showLast() {
    const slot = this.panel.querySelector('[data-last]');
    const curve = slot && this.series.length ? this.curves.get(this.series[0].id) : null;
    if (slot) slot.textContent = curve?.value.length ? format(curve.value.at(-1), this.options.share) : '';
  }

  say(text) {
    const slot = this.panel.querySelector('[data-empty]');
    slot.textContent = text;
    slot.hidden = !text;
  }

  countPoints() {
    return [...this.curves.values()].reduce((sum, c) => sum + c.step.length, 0);
  }

  act(action) {
    const name = this.options.file;
    switch (action) {
      case 'larger': this.setLarge(!this.panel.classList.contains('large')); break;
      case 'reset': window.Plotly?.relayout(this.plot, { 'xaxis.autorange': true, 'yaxis.autorange': true }); break;
      case 'png':
      case 'svg': window.Plotly?.downloadImage(this.plot, { format: action, width: 1200, height: 700, filename: name }); break;
      case 'csv': download(`${name}.csv`, this.csv()); break;
      case 'table': this.toggleTable(); break;
    }
  }

  setLarge(large) {
    if (this.panel.classList.toggle('large', large) || !large) requestAnimationFrame(() => this.fit());
  }

  csv() {
    const rows = [['run', 'name', 'key', 'step', 'epoch', 'time', 'value']];
    for (const s of this.series) {
      const curve = this.curves.get(s.id);
      curve?.step.forEach((step, i) => rows.push([s.run, s.name, s.key, step, curve.epoch[i], new Date(curve.time[i]).toISOString(), curve.value[i]]));
    }
    return rows.map(r => r.map(quote).join(',')).join('\n') + '\n';
  }

  /** The same numbers for who cannot see the lines: one row a step, one column a curve. */
  toggleTable() {
    const slot = this.panel.querySelector('[data-table]');
    slot.hidden = !slot.hidden;
    if (slot.hidden) return;
    const rows = new Map();
    this.series.forEach((s, column) => {
      const curve = this.curves.get(s.id);
      curve?.step.forEach((step, i) => {
        if (!rows.has(step)) rows.set(step, []);
        rows.get(step)[column] = curve.value[i];
      });
    });
    const table = element('table', 'table auto');
    const head = table.createTHead().insertRow();
    for (const title of [this.options.labels.step, ...this.series.map(s => s.name)]) head.append(element('th', 'number', title));
    const body = table.createTBody();
    for (const [step, values] of [...rows].sort((a, b) => b[0] - a[0])) {
      const row = body.insertRow();
      row.append(element('td', 'number', format(step, false)));
      this.series.forEach((_, i) => row.append(element('td', 'number', values[i] === undefined ? '' : format(values[i], this.options.share))));
    }
    slot.replaceChildren(table);
  }

  dispose() {
    this.disposed = true;
    this.observer.disconnect();
    this.resized.disconnect();
    this.panel.removeEventListener('click', this.onClick);
    if (this.drawn) window.Plotly.purge(this.plot);
  }
}

function onHover(chart, e) {
  if (following) return;
  const at = e.xvals?.[0] ?? e.points[0].x;
  const lines = chart.series
    .map(s => ({ s, ...nearest(chart, s, at) }))
    .filter(l => l.value !== undefined)
    .sort((a, b) => b.value - a.value);
  showHover(chart, e, at, lines);
  following = true;
  for (const other of charts.values()) {
    if (other !== chart && other.drawn && other.visible && other.options.x === chart.options.x) window.Plotly.Fx.hover(other.plot, { xval: at });
  }
  following = false;
}

function nearest(chart, s, at) {
  const curve = chart.curves.get(s.id);
  if (!curve?.step.length) return {};
  let best = 0;
  for (let i = 1; i < curve.step.length; i++) {
    if (Math.abs(chart.x(s, curve, i) - at) <= Math.abs(chart.x(s, curve, best) - at)) best = i;
  }
  return { value: curve.value[best], step: curve.step[best], epoch: curve.epoch[best] };
}

function showHover(chart, e, at, lines) {
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

function hideHover(chart) {
  if (following) return;
  if (chart.box) chart.box.hidden = true;
  following = true;
  for (const other of charts.values()) if (other !== chart && other.drawn) window.Plotly.Fx.unhover(other.plot);
  following = false;
}

/** Exponential moving average that starts at the first value, not at zero; NaN and infinities are left out. */
function movingAverage(weight) {
  let sum = 0, count = 0;
  return value => {
    if (!Number.isFinite(value)) return null;
    sum = sum * weight + (1 - weight) * value;
    count++;
    return sum / (1 - weight ** count);
  };
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

function readColors() {
  const style = getComputedStyle(document.documentElement);
  const value = name => style.getPropertyValue(name).trim();
  return {
    runs: Array.from({ length: 10 }, (_, i) => value(`--run-${i + 1}`)),
    surface: value('--surface'), line: value('--line'), text3: value('--text-3'), font: value('--font-sans'),
  };
}

const finite = v => Number.isFinite(v) ? v : null;
const quote = v => /[",\n]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : v;

function element(tag, className = '', text = '') {
  const e = document.createElement(tag);
  if (className) e.className = className;
  e.textContent = text;
  return e;
}

function download(name, text) {
  const link = Object.assign(document.createElement('a'), { download: name, href: URL.createObjectURL(new Blob([text], { type: 'text/csv' })) });
  link.click();
  URL.revokeObjectURL(link.href);
}

/** As Numbers.Significant in C#: four significant digits, thin thousands, a true minus. */
function format(value, share) {
  if (!Number.isFinite(value)) return String(value).replace('-', '−').replace('Infinity', '∞');
  if (share) return value.toFixed(4).replace('-', '−');
  if (Number.isInteger(value)) return group(String(value));
  const size = Math.abs(value);
  if (size < 0.001) return value.toExponential(3).replace(/\.?0+e/, 'e').replace('e+', 'e').replaceAll('-', '−');
  return group(value.toFixed(Math.max(0, 3 - Math.floor(Math.log10(size)))));
}

const group = text => {
  const [whole, rest] = text.split('.');
  return (whole.replace(/\B(?=(\d{3})+$)/g, '\u202f') + (rest ? `.${rest}` : '')).replace('-', '−');
};
