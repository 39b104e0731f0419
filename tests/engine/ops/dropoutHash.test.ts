import { describe, expect, it } from 'vitest';
import { dropoutKey, dropoutThreshold, keeps, lowbias32 } from '../../../src/engine/ops/dropoutHash';

const N = 100_000;

/** 1 where the element is kept, for elements 0 .. n-1. */
function mask(key: number, p: number, n = N): Uint8Array {
  return Uint8Array.from({ length: n }, (_, element) => (keeps(key, element, p) ? 1 : 0));
}

function mean(values: Uint8Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Correlation coefficient of two masks; for independent ones its standard deviation is 1/sqrt(N). */
function correlation(a: Uint8Array, b: Uint8Array): number {
  const [ma, mb] = [mean(a), mean(b)];
  let product = 0;
  for (let i = 0; i < a.length; i++) product += ((a[i] ?? 0) - ma) * ((b[i] ?? 0) - mb);
  return product / a.length / Math.sqrt(ma * (1 - ma) * mb * (1 - mb));
}

// Everything here is deterministic; five standard deviations leave room for a sound hash, not for a bad one.
const FIVE_SIGMA = 5 / Math.sqrt(N);

describe('dropout hash', () => {
  it('mixes as the published lowbias32 does', () => {
    // The definition of the hash written out with BigInt, so that 32-bit wrapping is checked independently.
    const exact = (x: bigint): bigint => {
      const wrap = (v: bigint) => v & 0xffffffffn;
      let h = x ^ (x >> 16n);
      h = wrap(h * 0x7feb352dn);
      h = wrap((h ^ (h >> 15n)) * 0x846ca68bn);
      return h ^ (h >> 16n);
    };
    for (const x of [0, 1, 2, 0x7fffffff, 0x80000000, 0xdeadbeef, 0xffffffff]) {
      expect(lowbias32(x)).toBe(Number(exact(BigInt(x))));
    }
  });

  it('keeps a share 1 − p of the elements', () => {
    for (const p of [0.01, 0.1, 0.25, 0.5, 0.9]) {
      const share = mean(mask(dropoutKey(7, 3, 1, 4, 5, 2), p));
      expect(Math.abs(share - (1 - p))).toBeLessThan(FIVE_SIGMA * Math.sqrt(p * (1 - p)));
    }
  });

  it('keeps everything at p = 0 and next to nothing just under p = 1', () => {
    const key = dropoutKey(1, 2, 3, 4, 5, 6);
    expect(mean(mask(key, 0))).toBe(1);
    expect(dropoutThreshold(1 - 1e-12)).toBe(0xffffffff);
    expect(mean(mask(key, 1 - 1e-12))).toBe(0);
  });

  it('spreads hashes evenly over 256 bins', () => {
    const key = dropoutKey(42, 0, 0, 0, 0, 0);
    const bins = new Float64Array(256);
    for (let element = 0; element < N; element++) {
      const bin = lowbias32(key ^ lowbias32(element)) >>> 24;
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const expected = N / 256;
    const chi2 = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // χ² with 255 degrees of freedom: mean 255, standard deviation sqrt(510) = 22.6; five of them.
    expect(Math.abs(chi2 - 255)).toBeLessThan(5 * 22.6);
  });

  it('gives unrelated masks when any one part of the key changes by one', () => {
    const base = mask(dropoutKey(42, 10, 1, 3, 2, 1), 0.5);
    const neighbours = [
      dropoutKey(43, 10, 1, 3, 2, 1),
      dropoutKey(42, 11, 1, 3, 2, 1),
      dropoutKey(42, 10, 2, 3, 2, 1),
      dropoutKey(42, 10, 1, 4, 2, 1),
      dropoutKey(42, 10, 1, 3, 3, 1),
      dropoutKey(42, 10, 1, 3, 2, 2),
    ];
    for (const key of neighbours) {
      expect(Math.abs(correlation(base, mask(key, 0.5)))).toBeLessThan(FIVE_SIGMA);
    }
  });

  it('gives unrelated values to neighbouring columns and rows of one mask', () => {
    const key = dropoutKey(42, 10, 1, 3, 2, 1);
    for (const lag of [1, 2, 32, 64, 512, 4096]) {
      const all = mask(key, 0.5, N + lag);
      expect(Math.abs(correlation(all.subarray(0, N), all.subarray(lag)))).toBeLessThan(FIVE_SIGMA);
    }
  });

  it('gives every mask of a run its own key', () => {
    const keys = new Set<number>();
    let count = 0;
    for (let step = 0; step < 20; step++)
      for (let micro = 0; micro < 2; micro++)
        for (let layer = 0; layer < 8; layer++)
          for (let module = 0; module < 7; module++)
            for (let expert = 0; expert < 4; expert++, count++) {
              keys.add(dropoutKey(0, step, micro, layer, module, expert));
            }
    // 8,960 random u32 would collide 0.009 times on average.
    expect(keys.size).toBe(count);
  });
});
