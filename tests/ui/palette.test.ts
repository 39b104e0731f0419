import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COLOURS } from '../../src/ui/charts/palette';

type Triple = readonly [number, number, number];

const CSS = (name: string) => readFileSync(new URL(`../../src/ui/${name}`, import.meta.url), 'utf8');

/** What WCAG asks of letters: those in the blocks of the picture of the method stand on these colours. */
const LEAST_CONTRAST = 4.5;
/** In OKLab, where 0.02 is just seen side by side; a line in a legend is compared over some distance. */
const LEAST_DISTANCE = 0.08;

/** How severe forms of colour blindness see linear RGB (Machado, Oliveira and Fernandes 2009). */
const VIEWS: Readonly<Record<string, readonly number[]>> = {
  usual: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

describe.each(['light', 'dark'] as const)('the colours of lines on %s ground', (ground) => {
  const surface = token(CSS('shared/theme.css'), 'surface', ground);
  const colours = Array.from({ length: COLOURS }, (_, index) =>
    token(CSS('charts/charts.css'), `series-${index}`, ground),
  );

  it('stand out from it', () => {
    for (const colour of colours) expect(contrast(colour, surface)).toBeGreaterThanOrEqual(LEAST_CONTRAST);
  });

  it.each(Object.entries(VIEWS))('stay apart in %s vision', (_, view) => {
    const seen = colours.map((colour) => oklab(through(view, colour)));
    seen.forEach((a, index) => {
      for (const b of seen.slice(0, index)) {
        const distance = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
        expect(distance).toBeGreaterThanOrEqual(LEAST_DISTANCE);
      }
    });
  });
});

/** Linear RGB of `--name: light-dark(#…, #…)`. */
function token(css: string, name: string, ground: 'light' | 'dark'): Triple {
  const [, light, dark] = new RegExp(`--${name}:\\s*light-dark\\((#\\w{6}),\\s*(#\\w{6})\\)`).exec(css) ?? [];
  const hex = (ground === 'light' ? light : dark)!;
  return [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as unknown as Triple;
}

function contrast(a: Triple, b: Triple): number {
  const light = ([red, green, blue]: Triple) => 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  return Math.max(light(a), light(b)) / Math.min(light(a), light(b));
}

function through(view: readonly number[], [red, green, blue]: Triple): Triple {
  return [0, 3, 6].map((row) => {
    const value = view[row]! * red + view[row + 1]! * green + view[row + 2]! * blue;
    return Math.min(1, Math.max(0, value));
  }) as unknown as Triple;
}

/** Björn Ottosson's OKLab of linear RGB. */
function oklab([red, green, blue]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
