import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { KNOB_KEYS, KNOBS } from '../../src/config/knobs';
import { METHODS } from '../../src/engine/adapters/registry';
import { KnobList } from '../../src/ui/setup/KnobList';
import { MethodDrawing } from '../../src/ui/setup/MethodDrawing';
import { MethodPicker } from '../../src/ui/setup/MethodPicker';

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
        input.includes('aria-labelledby') || (id !== undefined && html.includes(`for="${id}"`));
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

describe('the drawing of a method', () => {
  const bars = (downs: number, groupSize: number) =>
    renderToStaticMarkup(
      createElement(MethodDrawing, { block: { downs, ups: 1, mix: 'sum', groupSize } }),
    ).match(/<rect/g)?.length;

  it('has a bar for every A of every group and for every B', () => {
    expect(bars(1, 1)).toBe(4 + 4);
    expect(bars(2, 2)).toBe(4 + 4);
    expect(bars(3, 4)).toBe(3 + 4);
    expect(bars(2, 3)).toBe(4 + 4); // the last group is shorter
    expect(bars(1, 8)).toBe(1 + 4);
  });
});
