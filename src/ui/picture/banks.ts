import type { LowRankBlock } from '../../engine/adapters/adapterMethod';
import type { BlockPart } from '../../state/view';
import { blockKey, type Picture, type PictureBlock } from './geometry';
import { blockColour } from './tint';

/** What a block looks like in one of the layers that use it, in CSS pixels. */
export interface Bar {
  readonly block: PictureBlock;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Bars by the names that they keep while E and S move, so that groups can be seen to merge and part. */
export type Bars = ReadonlyMap<string, Bar>;

/** Everything that looks the same, as one path: a picture of thousands of blocks is a few hundred elements. */
export interface Bank {
  readonly key: string;
  readonly part: BlockPart;
  readonly colour: string;
  /** How strongly it is coloured, in percent; undefined where sizes are not shown. */
  readonly percent: number | undefined;
  readonly d: string;
}

/** Strengths are told apart in steps of this many percent. */
const PERCENT_STEP = 5;

/** The bars of a picture at rest: a block has one for each layer that uses it, all at the same place. */
export function barsOf({ blocks }: Picture): Bars {
  const bars = new Map<string, Bar>();
  for (const block of blocks) {
    const { part, module, expert, width, height } = block;
    // A router is a dot in the middle of its layer.
    const size = part === 'router' ? Math.min(width, height + 4) : width;
    const bar: Bar = { block, x: block.x + (width - size) / 2, y: block.y, width: size, height };
    const [first, last] = block.layers;
    for (let layer = first; layer <= last; layer++) bars.set(`${part} ${module} ${layer} ${expert}`, bar);
  }
  return bars;
}

/** Bars on their way: where they are after a share of it, in [0, 1]. What was not there before does not move. */
export function between(from: Bars, to: Bars, share: number): Bars {
  const mix = (a: number, b: number) => a + (b - a) * share;
  const moved = new Map<string, Bar>();
  for (const [key, end] of to) {
    const start = from.get(key) ?? end;
    moved.set(key, {
      block: end.block,
      x: mix(start.x, end.x),
      y: mix(start.y, end.y),
      width: mix(start.width, end.width),
      height: mix(start.height, end.height),
    });
  }
  return moved;
}

/**
 * The paths of bars, W first.
 *
 * @param strengths by the keys of the blocks, in [0, 1]; undefined where sizes are not shown
 */
export function banksOf(
  bars: Bars,
  lowRank: LowRankBlock,
  strengths: ReadonlyMap<string, number> | undefined,
): readonly Bank[] {
  const banks = new Map<
    string,
    { part: BlockPart; colour: string; percent: number | undefined; d: string[] }
  >();
  const drawn = new Set<Bar>();
  for (const bar of bars.values()) {
    if (drawn.has(bar)) continue; // at rest the layers that share a block share its bar
    drawn.add(bar);
    const { block } = bar;
    const { part, module, line } = block;
    const strength = part === 'W' ? undefined : strengths?.get(blockKey(block));
    const percent =
      strength === undefined ? undefined : Math.round((100 * strength) / PERCENT_STEP) * PERCENT_STEP;
    const colour = blockColour(lowRank, block);
    const key = `${module} ${line} ${colour} ${percent ?? ''}`;
    const bank = banks.get(key) ?? { part, colour, percent, d: [] };
    bank.d.push(barPath(bar));
    banks.set(key, bank);
  }
  return [...banks].map(([key, { d, ...bank }]) => ({ key, ...bank, d: d.join('') }));
}

/** A rectangle with round corners. */
function barPath({ block: { part }, x, y, width, height }: Bar): string {
  const r = Math.min(part === 'router' ? height / 2 : Math.min(2, height / 3), width / 2);
  const corner = (right: number, down: number) => `a${r} ${r} 0 0 1 ${right} ${down}`;
  const [across, down] = [width - 2 * r, height - 2 * r].map(rounded);
  return `M${rounded(x + r)} ${rounded(y)}h${across}${corner(r, r)}v${down}${corner(-r, r)}h${-(across ?? 0)}${corner(-r, -r)}v${-(down ?? 0)}${corner(r, -r)}z`;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
