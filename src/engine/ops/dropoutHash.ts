/**
 * Dropout masks as a counter hash: nothing is stored, so forward, backward, recomputation, the float64
 * reference and the PyTorch fixtures all see one mask. `shaders/lib/dropout.wgsl` is the same arithmetic,
 * line by line; all of it is modulo 2^32, and nothing here depends on floating point.
 *
 *   key   = seed; for v of (step, micro, layer, module, expert): key = lowbias32(key ^ (v · 0x9E3779B9))
 *   h     = lowbias32(key ^ lowbias32(element)),  element = n·in + c for row n, column c of x [N, in]
 *   keep  = h >= round(p · 2^32);  kept elements are multiplied by 1/(1−p), the others by 0
 */

/** 2^32 / golden ratio, odd: spreads the small counters over all bits before they are mixed. */
const GOLDEN = 0x9e3779b9;

/**
 * Mixes 32 bits: a bijection on u32 in which each input bit flips each output bit with probability near ½.
 * Constants: Chris Wellons' `lowbias32` (public domain, nullprogram.com/blog/2018/07/31).
 */
export function lowbias32(x: number): number {
  let h = x;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Key (u32) of one mask. All arguments are integers, taken modulo 2^32.
 * @param step optimiser step, from 0
 * @param micro micro-batch inside the step, from 0
 * @param moduleIndex index in `MODULES` (config/modules.ts)
 * @param expert index i of A_i; 0 when one mask is shared by all experts of a module
 */
export function dropoutKey(
  seed: number,
  step: number,
  micro: number,
  layer: number,
  moduleIndex: number,
  expert: number,
): number {
  let key = seed >>> 0;
  for (const value of [step, micro, layer, moduleIndex, expert]) {
    key = lowbias32(key ^ Math.imul(value, GOLDEN));
  }
  return key;
}

/** The u32 that a hash must reach for its element to be kept: round(p · 2^32), for 0 <= p < 1. */
export function dropoutThreshold(p: number): number {
  return Math.min(Math.round(p * 2 ** 32), 0xffffffff);
}

/** Whether dropout with probability p keeps this element (n·in + c) under this key; p = 0 keeps all. */
export function keeps(key: number, element: number, p: number): boolean {
  return lowbias32(key ^ lowbias32(element)) >= dropoutThreshold(p);
}
