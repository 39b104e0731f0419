import { modulePath } from '../../config/modules';
import type { LowRankBlock } from '../../engine/adapters/adapterMethod';
import type { BlockNorm } from '../../engine/train/blockNorms';
import { colourOf } from '../experts/palette';
import type { PictureBlock } from './geometry';

/** What the colours of the picture tell apart: groups of layers, or (where a router does) experts. */
export function coloursOf({ mix }: Pick<LowRankBlock, 'mix'>): 'groups' | 'experts' {
  return mix === 'router' ? 'experts' : 'groups';
}

/** Of what trains but belongs to no one expert. */
const COMMON = 'var(--picture-common)';

/**
 * The colour of a block. Experts that a router tells apart have a colour each, as in every chart of them; summed ones
 * cannot be told apart anywhere, so there a colour stands for a group of layers and its A's.
 */
export function blockColour(
  block: LowRankBlock,
  { part, layers: [first], expert }: Pick<PictureBlock, 'part' | 'layers' | 'expert'>,
): string {
  if (part === 'W') return 'var(--line-strong)';
  if (coloursOf(block) === 'groups') return colourOf(Math.floor(first / block.groupSize));
  const experts = part === 'A' ? block.downs : part === 'B' ? block.ups : 1;
  return experts > 1 ? colourOf(expert) : COMMON;
}

/** Decades of size that are told apart; what is smaller is as faint as the smallest. */
const DECADES = 3;

/** How strongly a block is coloured, in [0, 1]: 1 for the largest, a third less for each power of ten below it. */
export function strength(norm: number, largest: number): number {
  if (!(norm > 0) || !(largest > 0)) return 0;
  return Math.min(1, Math.max(0, 1 + Math.log10(norm / largest) / DECADES));
}

/** Names of the tensors that a block stands for, as in adapterLayout. */
export function tensorNames(
  { part, module, index, expert, count }: PictureBlock,
  { ups }: LowRankBlock,
): string[] {
  const path = modulePath(module);
  const each = Array.from({ length: count }, (_, offset) => expert + offset);
  switch (part) {
    case 'W':
      return [];
    case 'A':
      return each.map((i) => `groups.${index}.${path}.lora_A.${i}.weight`);
    case 'B':
      return each.map((i) => `layers.${index}.${path}.${ups === 1 ? 'lora_B' : `lora_B.${i}`}.weight`);
    case 'router':
      return [`layers.${index}.${path}.lora_route.weight`];
  }
}

/** The norm of all that a block stands for; undefined where one is not known. */
export function blockNorm(
  names: readonly string[],
  norms: ReadonlyMap<string, BlockNorm>,
  of: 'gradient' | 'update',
): number | undefined {
  if (names.length === 0) return undefined;
  const found = names.map((name) => norms.get(name)?.[of]);
  return found.includes(undefined) ? undefined : Math.hypot(...found.map((norm) => norm ?? 0));
}
