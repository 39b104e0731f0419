import { MODULES, type ModuleName } from '../../config/modules';
import type { LowRankBlock } from '../../engine/adapters/adapterMethod';
import { expertsOf } from '../../engine/adapters/layout';
import type { LlamaConfig } from '../../engine/model/llamaConfig';
import { linearShape } from '../../engine/model/tensorShapes';
import type { BlockPart } from '../../state/view';
import { formatCount, formatShare } from '../shared/format';
import type { PictureBlock } from './geometry';

/** What the picture is of. */
export interface Subject {
  readonly block: LowRankBlock;
  readonly config: LlamaConfig;
  readonly r: number;
  readonly targets: readonly ModuleName[];
}

/** What one sees, in one sentence: `8 layers in 4 groups of 2: …; 61,440 weights train, 2.1 % of the model.` */
export function pictureSentence(subject: Subject, weights: number, parameters: number): string {
  const share = formatShare(weights / parameters);
  return `${structure(subject)}: ${formatCount(weights)} weights train, ${share} of the model.`;
}

function structure({ block, config, targets }: Subject): string {
  const { downs, mix, groupSize } = block;
  const { layers } = config;
  const all = targets.length === MODULES.length;
  const where = all ? 'every module' : `${targets.length} of the ${MODULES.length} modules`;
  const routed = mix === 'router';
  const mixed = routed
    ? ', which a router in each layer weighs for each token'
    : downs === 1
      ? ''
      : `, whose ${mix === 'mean' ? 'mean is taken' : 'outputs are added'}`;
  if (groupSize > 1) {
    return `${groups(layers, groupSize)}; in ${where} a group shares ${count(downs, 'A')}${mixed}; every layer has its own B`;
  }
  return `${count(layers, 'layer')}; in ${where} each has ${ownParts(block, mixed)}`;
}

/** What each layer has where layers share nothing. */
function ownParts({ downs, ups, mix }: LowRankBlock, mixed: string): string {
  if (ups > 1 && downs > 1) {
    return `${count(ups, 'pair')} of A and B and a router that weighs the pairs for each token`;
  }
  if (ups > 1) return `one A, ${count(ups, 'B')} and a router that weighs the B’s for each token`;
  if (downs > 1) return `${count(downs, 'A')}${mixed}, and one B`;
  if (mix === 'router') return 'one A, one B and a router with nothing to choose from';
  return 'its own pair of small matrices A and B';
}

function groups(layers: number, size: number): string {
  const number = Math.ceil(layers / size);
  if (number === 1) return `${count(layers, 'layer')} in one group`;
  const last = layers - (number - 1) * size;
  return `${layers} layers in ${number} groups of ${size}${last === size ? '' : ` (the last of ${last})`}`;
}

/** `one A`, `4 A’s`, `8 layers` */
function count(number: number, noun: string): string {
  if (number === 1) return `one ${noun}`;
  return `${number} ${noun}${noun.length === 1 ? '’s' : 's'}`;
}

/** What a block is, for the readout and for those who cannot see it. */
export interface BlockFacts {
  /** `A₂ of q_proj` */
  readonly name: string;
  /** `8 × 64`, rows × columns */
  readonly shape: string;
  /** Of all matrices that the block stands for. */
  readonly weights: number;
  /** Who uses it: `shared by layers 2 and 3`, `of layer 2 alone`. */
  readonly use: string;
  readonly trains: boolean;
}

export function blockFacts({ block: lowRank, config, r }: Subject, block: PictureBlock): BlockFacts {
  const { part, module, layers, expert, count: stands } = block;
  const [out, input] = linearShape(config, module);
  const shapes = {
    W: [out, input],
    A: [r, input],
    B: [out, r],
    router: [expertsOf(lowRank), input],
  } as const;
  const [rows, columns] = shapes[part];
  const of = part === 'A' ? lowRank.downs : part === 'B' ? lowRank.ups : 1;
  const numbers =
    of === 1
      ? ''
      : stands === 1
        ? subscript(expert + 1)
        : `${subscript(expert + 1)} to ${part}${subscript(of)}`;
  const letter = part === 'router' ? 'Router' : part;
  return {
    name: `${letter}${numbers} of ${module}`,
    shape: `${stands === 1 ? '' : `${stands} of `}${formatCount(rows)} × ${formatCount(columns)}`,
    weights: stands * rows * columns,
    use: describeUse(layers),
    trains: part !== 'W',
  };
}

/** Which layers use a block, in words. */
export function describeUse([first, last]: readonly [number, number]): string {
  if (first === last) return `of layer ${first} alone`;
  return last === first + 1
    ? `shared by layers ${first} and ${last}`
    : `shared by layers ${first} to ${last}`;
}

/** A block in one line, for screen readers. */
export function blockLabel(subject: Subject, block: PictureBlock): string {
  const { name, shape, weights, use, trains } = blockFacts(subject, block);
  return `${name}, ${use}, ${shape}, ${formatCount(weights)} weights, ${trains ? 'trains' : 'frozen'}`;
}

/** Small digits below the line. */
export function subscript(number: number): string {
  return Array.from(String(number), (digit) => '₀₁₂₃₄₅₆₇₈₉'.charAt(Number(digit))).join('');
}

/** A symbol of the equation, and the blocks that it stands for, if it stands for some. */
export interface Term {
  readonly text: string;
  /** Whether it has the index i. */
  readonly indexed?: boolean;
  readonly part?: BlockPart;
}

/** What the adapter adds to W x, symbol by symbol, and how that is spoken. */
export function addedTerms({ downs, ups, mix }: LowRankBlock): {
  readonly terms: readonly Term[];
  readonly spoken: string;
} {
  const a: Term = { text: 'A', indexed: downs > 1, part: 'A' };
  const b: Term = { text: 'B', indexed: ups > 1, part: 'B' };
  const sum: Term = { text: 'Σ', indexed: true };
  const gate: Term = { text: 'g', indexed: true, part: 'router' };
  const s: Term = { text: 's' };
  const x: Term = { text: 'x' };
  if (mix === 'router') {
    const first = ups > 1 ? [sum, gate, b, a] : [b, sum, gate, a];
    const [aName, bName] = [downs > 1 ? 'A i' : 'A', ups > 1 ? 'B i' : 'B'];
    const spoken =
      ups > 1
        ? `s times the sum over i of gate i times ${bName} times ${aName} times x`
        : `s times B times the sum over i of gate i times ${aName} times x`;
    return { terms: [s, ...first, x], spoken };
  }
  if (downs > 1) {
    const mean: Term[] = mix === 'mean' ? [{ text: '1/E' }] : [];
    const spoken = `s times B times the ${mix === 'mean' ? 'mean' : 'sum'} over i of A i times x`;
    return { terms: [s, b, ...mean, sum, a, x], spoken };
  }
  return { terms: [s, b, a, x], spoken: 's times B times A times x' };
}
