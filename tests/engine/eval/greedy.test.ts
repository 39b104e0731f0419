import { describe, expect, it } from 'vitest';
import { continueGreedily, type GreedyText } from '../../../src/engine/eval/greedy';
import type { Decoder, DecoderShape } from '../../../src/engine/model/decoder';

const VOCAB = 97;
const END = 0;

/** What a text goes on with: depends on each of its tokens and their order. */
function next(tokens: readonly number[]): number {
  return tokens.reduce((sum, token) => (31 * sum + token + 1) % 9973, 7) % VOCAB;
}

/** Keeps the tokens of each slot as a cache does, and holds every pass against what a decoder asks of it. */
function fakeDecoder(shape: DecoderShape) {
  const slots = new Map<number, number[]>();
  const sizes: number[] = [];
  const run: Decoder['run'] = (rows, wanted) => {
    sizes.push(rows.length);
    expect(rows.length).toBeLessThanOrEqual(Math.max(...shape.passes));
    for (const slot of new Set(rows.map((row) => row.slot))) {
      expect(slot).toBeLessThan(shape.slots);
      const own = rows.filter((row) => row.slot === slot).sort((a, b) => a.position - b.position);
      const begin = own[0]!.position;
      expect(own.map(({ position }) => position)).toEqual(own.map((_, n) => begin + n));
      const before = begin === 0 ? [] : slots.get(slot)!;
      expect(before).toHaveLength(begin);
      slots.set(slot, [...before, ...own.map(({ token }) => token)]);
      expect(slots.get(slot)!.length).toBeLessThanOrEqual(shape.capacity);
    }
    const logits = new Float32Array(wanted * VOCAB);
    rows.slice(0, wanted).forEach(({ slot, position }, n) => {
      expect(slots.get(slot)).toHaveLength(position + 1);
      logits[n * VOCAB + next(slots.get(slot)!)] = 1;
    });
    return Promise.resolve(logits);
  };
  return { shape, run, sizes };
}

interface Case {
  readonly prompt: readonly number[];
  readonly maxNewTokens: number;
  /** Ends the text. */
  readonly stop: number;
}

const cases: readonly Case[] = Array.from({ length: 40 }, (_, i) => ({
  prompt: Array.from({ length: 1 + ((i * 7) % 23) }, (_, n) => (i + 3 * n) % VOCAB),
  maxNewTokens: 1 + ((i * 5) % 17),
  stop: 50 + (i % 40),
}));

/** What becomes of a text, token by token. */
function alone({ prompt, maxNewTokens, stop }: Case): number[] {
  const made: number[] = [];
  while (made.length < maxNewTokens) {
    const token = next([...prompt, ...made]);
    if (token === END) break;
    made.push(token);
    if (token === stop) break;
  }
  return made;
}

function texts(): (GreedyText & { made: number[] })[] {
  return cases.map(({ prompt, maxNewTokens, stop }) => {
    const made: number[] = [];
    const accept = (token: number) => {
      made.push(token);
      return token !== stop;
    };
    return { prompt, maxNewTokens, made, accept };
  });
}

describe('texts continued together', () => {
  it.each([
    { slots: 1, capacity: 40, passes: [1] },
    { slots: 1, capacity: 40, passes: [1, 16] },
    { slots: 3, capacity: 40, passes: [4, 8] },
    { slots: 8, capacity: 40, passes: [8] },
    { slots: 64, capacity: 40, passes: [16, 64] },
  ])('become what each becomes alone: $slots slots, passes of $passes', async (shape) => {
    const together = texts();
    const decoder = fakeDecoder(shape);
    const seen: number[] = [];
    const onProgress = (done: number) => seen.push(done);
    await continueGreedily(decoder, together, { ends: new Set([END]), onProgress });
    expect(together.map(({ made }) => made)).toEqual(cases.map(alone));
    expect(seen).toEqual(cases.map((_, i) => i + 1));
  });

  it('fill every pass while texts are waiting', async () => {
    const decoder = fakeDecoder({ slots: 8, capacity: 40, passes: [8] });
    await continueGreedily(decoder, texts(), { ends: new Set([END]) });
    const fed = cases.reduce((sum, one) => sum + one.prompt.length + Math.max(0, alone(one).length - 1), 0);
    expect(decoder.sizes.reduce((sum, size) => sum + size)).toBeGreaterThanOrEqual(fed);
    const full = decoder.sizes.findLastIndex((size) => size === 8);
    expect(decoder.sizes.slice(0, full).every((size) => size === 8)).toBe(true);
    expect(full / decoder.sizes.length).toBeGreaterThan(0.7);
  });

  it('stop between passes when they are told to', async () => {
    const stop = new AbortController();
    const decoder = fakeDecoder({ slots: 3, capacity: 40, passes: [8] });
    const onProgress = (done: number) => {
      if (done === 5) stop.abort(new Error('enough'));
    };
    const work = continueGreedily(decoder, texts(), {
      ends: new Set([END]),
      onProgress,
      signal: stop.signal,
    });
    await expect(work).rejects.toThrow('enough');
    const passes = decoder.sizes.length;
    await Promise.resolve();
    expect(decoder.sizes).toHaveLength(passes);
  });
});
