// How charts write numbers, and the small elements they add to the page.

export function element(tag, className = '', text = '') {
  const e = document.createElement(tag);
  if (className) e.className = className;
  e.textContent = text;
  return e;
}

export function readColors() {
  const style = getComputedStyle(document.documentElement);
  const value = name => style.getPropertyValue(name).trim();
  return {
    runs: Array.from({ length: 10 }, (_, i) => value(`--run-${i + 1}`)),
    surface: value('--surface'), line: value('--line'), text3: value('--text-3'), font: value('--font-sans'),
  };
}

/** As Numbers.Significant in C#: four significant digits, thin thousands, a true minus. */
export function format(value, share) {
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
