import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { defaultRunConfig } from '../../src/config/defaults';
import { KNOB_KEYS, KNOBS } from '../../src/config/knobs';
import type { MethodId, RunConfig } from '../../src/config/runConfig';
import type { LowRankBlock } from '../../src/engine/adapters/adapterMethod';
import { adapterLayout } from '../../src/engine/adapters/layout';
import { METHODS } from '../../src/engine/adapters/registry';
import { KnobList } from '../../src/ui/setup/KnobList';
import { MethodBudget } from '../../src/ui/setup/MethodBudget';
import { MethodDrawing } from '../../src/ui/setup/MethodDrawing';
import { MethodPicker } from '../../src/ui/setup/MethodPicker';
import { tinyConfig } from '../support/tinyModel';

describe('the form', () => {
  it('draws every setting of the knob table once, with its hint', () => {
    const html = renderToStaticMarkup(createElement(KnobList));
    const drawn = [...html.matchAll(/data-knob="(\w+)"/g)].map((match) => match[1]);
    expect(drawn.toSorted()).toEqual(KNOB_KEYS.filter((key) => key !== 'method').toSorted());
    for (const key of KNOB_KEYS) {
      if (key !== 'method') expect(html).toContain(KNOBS[key].label);
    }
  });

  it('names every control', () => {
    const html = renderToStaticMarkup(createElement(KnobList));
    for (const [input] of html.matchAll(/<input[^>]*>/g)) {
      const id = / id="([^"]+)"/.exec(input)?.[1];
      const inLabel = /type="(radio|checkbox)"/.test(input);
      const labelled =
        /aria-label(ledby)?="[^"]/.test(input) || (id !== undefined && html.includes(`for="${id}"`));
      expect(inLabel || labelled, input).toBe(true);
    }
    for (const [, attributes, content] of html.matchAll(/<button([^>]*)>(.*?)<\/button>/g)) {
      expect(attributes?.includes('aria-label=') === true || /[a-z]/i.test(content ?? '')).toBe(true);
    }
  });

  it('has a card for every method of the registry', () => {
    const html = renderToStaticMarkup(createElement(MethodPicker));
    for (const { label } of Object.values(METHODS)) expect(html).toContain(`<strong>${label}</strong>`);
  });
});

describe('the budget on a method’s card', () => {
  const model = { config: tinyConfig, parameters: 10_000 };
  const draw = (method: MethodId, values: RunConfig) =>
    renderToStaticMarkup(createElement(MethodBudget, { method, values, model }));
  const masa: RunConfig = { ...defaultRunConfig(3), method: 'masa', r: 4 };

  it('is exact, with its share of the base, and without a match where the method is chosen', () => {
    const weights = adapterLayout(masa, tinyConfig).size;
    const html = draw('masa', masa);
    expect(html).toContain(`${weights.toLocaleString('en')} weights`);
    expect(html).toContain(`${((100 * weights) / 10_000).toFixed(0)} % of the base`);
    expect(html).not.toContain('<button');
  });

  it('has a button that says which r it takes to match the chosen one, and how close that comes', () => {
    const target = adapterLayout(masa, tinyConfig).size;
    const html = draw('lora', masa);
    const r = Number(/Match at r (\d+)/.exec(html)?.[1]);
    const off = (rank: number) =>
      Math.abs(adapterLayout({ ...masa, method: 'lora', r: rank }, tinyConfig).size - target);
    for (const other of [r - 1, r + 1]) expect(off(r)).toBeLessThanOrEqual(off(other));
    expect(html).toMatch(/LoRA would train (exactly as many as|[\d.]+ % (more|fewer) than) MASA/);
  });
});

describe('the drawing of a method', () => {
  const draw = (block: LowRankBlock) => renderToStaticMarkup(createElement(MethodDrawing, { block }));
  /** Bars of one opacity: A's are solid, B's lighter, the frozen W lightest. */
  const bars = (html: string, opacity: number) =>
    html.match(new RegExp(`<rect[^>]* opacity="${opacity}"`, 'g'))?.length ?? 0;
  const drawn = (downs: number, groupSize: number, ups = 1) => {
    const html = draw({ downs, ups, mix: 'sum', groupSize });
    return { A: bars(html, 1), B: bars(html, 0.4), W: bars(html, 0.15) };
  };

  it('has a bar for every A of every group, for every B and for the W of every layer', () => {
    expect(drawn(1, 1)).toEqual({ A: 4, B: 4, W: 4 });
    expect(drawn(2, 2)).toEqual({ A: 4, B: 4, W: 4 });
    expect(drawn(3, 4)).toEqual({ A: 3, B: 4, W: 4 });
    expect(drawn(2, 3)).toEqual({ A: 4, B: 4, W: 4 }); // the last group is shorter
    expect(drawn(1, 8)).toEqual({ A: 1, B: 4, W: 4 });
    expect(drawn(1, 1, 3)).toEqual({ A: 4, B: 12, W: 4 });
  });

  it('has a dot for every router, and for none where nothing is routed', () => {
    const block = { downs: 3, ups: 3, groupSize: 1 };
    const solid = (mix: 'router' | 'sum') => bars(draw({ ...block, mix }), 1);
    expect(solid('router') - solid('sum')).toBe(4);
  });

  it('stays inside its frame with as many experts as there may be', () => {
    const html = draw({ downs: 64, ups: 64, mix: 'router', groupSize: 1 });
    const height = Number(/viewBox="0 0 \d+ (\d+)"/.exec(html)?.[1]);
    for (const [, y, size] of html.matchAll(/ y="([^"]+)" width="[^"]+" height="([^"]+)"/g)) {
      expect(Number(y)).toBeGreaterThanOrEqual(0);
      expect(Number(y) + Number(size)).toBeLessThanOrEqual(height + 1e-9); // sums of halves and fifths
    }
  });
});
