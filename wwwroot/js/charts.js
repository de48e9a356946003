// Live curves over Plotly. A chart loads its curves once over HTTP and then only receives points; it draws at most ten times a second, only
// what is new, and not at all while it is out of sight.
import { append, finite, movingAverage, NO_POINTS, readCurves, refine } from './chart-curves.js';
import { downloadCsv, toggleTable } from './chart-export.js';
import { hideHover, showHover } from './chart-hover.js';
import { layoutOf } from './chart-layout.js';
import { format, readColors } from './chart-text.js';
import { zoomed } from './chart-zoom.js';

const PLOTLY = '/_content/Plotly.Blazor/plotly-basic-3.7.0.min.js';
const DRAW_EVERY_MS = 100;
const DASHES = ['solid', '6px,3px', '2px,3px'];

const charts = new Map();
let plotly;

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
    this.details = new Map();   // finer points of what is zoomed into
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
    this.onLeave = () => hideHover(this, charts.values());
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
      const curves = await readCurves(wanted.map(s => s.id));
      if (!curves) {
        this.say(this.options.labels.failed);
        return;
      }
      for (const [id, curve] of curves) {
        this.curves.set(id, curve);
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
    if (!append(curve, slice)) return;
    this.stale ||= curve.wasThinned || this.details.size > 0;
    curve.wasThinned = false;
    this.schedule();
  }

  /** What is drawn of a curve. */
  shown(s) {
    const curve = this.curves.get(s.id);
    return curve ? refine(curve, this.details.get(s.id)) : NO_POINTS;
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
    this.plot.dataset.refined = this.details.size;
    library.react(this.plot, this.traces, layoutOf(this.options, this.colors), { displaylogo: false, displayModeBar: false, responsive: false, showTips: false, doubleClick: 'reset' });
    if (!this.drawn) {
      this.drawn = true;
      this.plot.on('plotly_hover', e => showHover(this, charts.values(), e));
      this.plot.on('plotly_unhover', () => hideHover(this, charts.values()));
      this.plot.on('plotly_relayout', e => zoomed(this, e));
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
    const curve = this.shown(s);
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
      const curve = this.shown(s);
      curve.value.forEach((v, i) => {
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
      case 'time': return (curve.time[i] - this.startOf(s)) / 60_000;
      case 'epoch': return finite(curve.epoch[i]);
      default: return curve.step[i];
    }
  }

  /** When the run began, so that a curve which begins later does so in every chart. */
  startOf(s) {
    const curve = this.curves.get(s.id);
    return curve?.start ?? curve?.time[0];
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
    return this.series.reduce((sum, s) => sum + this.shown(s).step.length, 0);
  }

  act(action) {
    const name = this.options.file;
    switch (action) {
      case 'larger': this.setLarge(!this.panel.classList.contains('large')); break;
      case 'reset': window.Plotly?.relayout(this.plot, { 'xaxis.autorange': true, 'yaxis.autorange': true }); break;
      case 'png':
      case 'svg': window.Plotly?.downloadImage(this.plot, { format: action, width: 1200, height: 700, filename: name }); break;
      case 'csv': downloadCsv(this); break;
      case 'table': toggleTable(this); break;
    }
  }

  setLarge(large) {
    if (this.panel.classList.toggle('large', large) || !large) requestAnimationFrame(() => this.fit());
  }

  dispose() {
    this.disposed = true;
    this.observer.disconnect();
    this.resized.disconnect();
    this.panel.removeEventListener('click', this.onClick);
    if (this.drawn) window.Plotly.purge(this.plot);
  }
}
