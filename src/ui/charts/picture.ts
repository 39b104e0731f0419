import type { Look } from './palette';

/** What is drawn besides the chart itself. */
export interface PictureText {
  readonly title: string;
  readonly caption: string;
  readonly legend: readonly { readonly name: string; readonly look: Look }[];
  /** Dark on white whatever the page looks like, for papers. */
  readonly light: boolean;
}

/** Of a picture: presentation that comes from style sheets, which a file does not have. */
const STYLES = [
  ...[
    'fill',
    'fill-opacity',
    'stroke',
    'stroke-width',
    'stroke-opacity',
    'stroke-dasharray',
    'stroke-linejoin',
  ],
  ...['opacity', 'font-size', 'font-family', 'font-weight', 'text-anchor'],
] as const;
const LEFT_OUT = '.chart-cursor, title, desc, .recharts-tooltip-cursor';
const SVG = 'http://www.w3.org/2000/svg';
const PAD = 16;
const LINE = 17;
const LETTER = 6.4;

/**
 * The chart inside an element as a picture of its own: colours resolved, title above, legend and caption below.
 *
 * @returns the text of an SVG file and its size in pixels
 */
export function chartPicture(
  area: HTMLElement,
  text: PictureText,
): { svg: string; width: number; height: number } {
  const chart = area.querySelector<SVGSVGElement>('svg.recharts-surface');
  if (chart === null) throw new Error('there is no chart to export');
  const scheme = area.style.colorScheme;
  if (text.light) area.style.colorScheme = 'light';
  try {
    return compose(area, chart, text);
  } finally {
    area.style.colorScheme = scheme;
  }
}

function compose(area: HTMLElement, chart: SVGSVGElement, { title, caption, legend }: PictureText) {
  const { width, height } = chart.getBoundingClientRect();
  const [ink, muted, surface] = ['--ink', '--muted', '--surface'].map((name) =>
    resolved(area, `var(${name})`),
  );
  const font = getComputedStyle(area).fontFamily;
  const outer = element('svg', { xmlns: SVG, 'font-family': font, 'font-size': 12 });
  const total = width + 2 * PAD;
  const words = (value: string, x: number, y: number, fill = muted, more: Attributes = {}) => {
    const node = element('text', { x, y, fill: fill ?? '', ...more });
    node.textContent = value;
    outer.append(node);
  };
  const ground = element('rect', { width: '100%', height: '100%', fill: surface ?? '' });
  outer.append(ground);
  words(title, PAD, PAD + 12, ink, { 'font-size': 15, 'font-weight': 600 });
  const body = frozen(chart);
  for (const [name, value] of Object.entries({ x: PAD, y: PAD + 24, width, height })) {
    body.setAttribute(name, String(value));
  }
  body.setAttribute('overflow', 'visible');
  outer.append(body);
  let y = PAD + 24 + height + LINE + 4;
  let x = PAD;
  for (const { name, look } of legend) {
    const room = 44 + name.length * LETTER;
    if (x > PAD && x + room > total - PAD) [x, y] = [PAD, y + LINE];
    const stroke = resolved(area, look.colour);
    const line = { d: `M${x} ${y - 4}h28`, stroke, 'stroke-width': 2, 'stroke-dasharray': look.dash };
    outer.append(element('path', line));
    words(name, x + 34, y, ink);
    x += room + 10;
  }
  if (legend.length > 0) y += LINE + 4;
  for (const line of wrapped(caption, Math.floor((total - 2 * PAD) / LETTER))) {
    words(line, PAD, y);
    y += LINE;
  }
  const size = { width: Math.ceil(total), height: Math.ceil(y + PAD - 8) };
  for (const [name, value] of Object.entries({ ...size, viewBox: `0 0 ${size.width} ${size.height}` })) {
    outer.setAttribute(name, String(value));
  }
  return { svg: new XMLSerializer().serializeToString(outer), ...size };
}

/** A copy of a drawing that keeps its looks outside of the page. */
function frozen(drawing: SVGSVGElement): SVGSVGElement {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = [...drawing.querySelectorAll('*')];
  const copies = [...copy.querySelectorAll('*')];
  originals.forEach((original, index) => {
    const target = copies[index];
    if (target === undefined) return;
    const computed = getComputedStyle(original);
    for (const name of STYLES) target.setAttribute(name, computed.getPropertyValue(name));
    target.removeAttribute('style');
    target.removeAttribute('class');
    if (original.matches(LEFT_OUT)) target.setAttribute('data-left-out', '');
  });
  for (const node of copy.querySelectorAll('[data-left-out]')) node.remove();
  for (const name of ['style', 'class', 'tabindex', 'role']) copy.removeAttribute(name);
  return copy;
}

type Attributes = Readonly<Record<string, string | number>>;

function element(name: string, attributes: Attributes): SVGElement {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
}

/** A colour without variables, as it is inside of an element. */
function resolved(area: HTMLElement, colour: string): string {
  const probe = document.createElement('span');
  probe.style.color = colour;
  area.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** Lines of at most so many letters, broken between words. */
export function wrapped(text: string, letters: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > letters) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** Pixels of a PNG to one of the page: sharp in print. */
const DENSITY = 3;

/** A picture as pixels. */
export async function toPng({ svg, width, height }: ReturnType<typeof chartPicture>): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width * DENSITY;
    canvas.height = height * DENSITY;
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('the browser gives no canvas to draw on');
    context.scale(DENSITY, DENSITY);
    context.drawImage(image, 0, 0, width, height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => {
        if (blob === null) reject(new Error('the browser could not make a PNG'));
        else resolve(blob);
      }, 'image/png');
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
