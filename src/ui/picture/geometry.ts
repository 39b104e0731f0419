import { MODULES, type ModuleName } from '../../config/modules';
import type { LowRankBlock } from '../../engine/adapters/adapterMethod';
import type { BlockPart } from '../../state/view';

/** One matrix of the picture, or the last bar of a stack, which stands for all that are not drawn. In CSS pixels. */
export interface PictureBlock {
  readonly part: BlockPart;
  readonly module: ModuleName;
  /** First and last layer that use it. */
  readonly layers: readonly [number, number];
  /** Its group (A) or layer, as in AdapterTensor. */
  readonly index: number;
  /** Index of its first expert. */
  readonly expert: number;
  /** Experts that it stands for. */
  readonly count: number;
  /** Line of blocks within the row, from the top. */
  readonly line: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Most bars of a stack; of more experts the last bar stands for the rest. */
export const MOST_BARS = 5;

/** Sizes of a row, in pixels. */
export interface RowSizes {
  /** Height of a bar, where there is room for that. */
  readonly bar: number;
  /** Most height of a stack of bars. */
  readonly stack: number;
  /** Between the bars of a stack. */
  readonly gap: number;
  /** Between the stacks, the router and W. */
  readonly join: number;
  readonly router: number;
  /** Height of the frozen W; 0 leaves it out. */
  readonly frozen: number;
}

/** Where the columns of layers lie. */
export interface Columns {
  readonly x: number;
  /** Width of a layer, the space to the next one included. */
  readonly cell: number;
  readonly space: number;
}

export interface RowShape {
  readonly blocks: readonly PictureBlock[];
  readonly height: number;
  /** Middle of each part that is there, for its letter. */
  readonly middles: Partial<Record<BlockPart, number>>;
}

/**
 * One module over all layers, from the top: each A reaches over the layers that share it; a router stands between A's
 * and B's; every layer has its B's, and under them its frozen W. A module without an adapter has only W.
 *
 * @param block undefined for a module without an adapter
 */
export function rowShape(
  block: LowRankBlock | undefined,
  layers: number,
  module: ModuleName,
  columns: Columns,
  sizes: RowSizes,
  top = 0,
): RowShape {
  const blocks: PictureBlock[] = [];
  const middles: Partial<Record<BlockPart, number>> = {};
  let y = top;
  let line = 0;
  const add = (
    part: BlockPart,
    size: number,
    bars: readonly { readonly from: number; readonly height: number; readonly count: number }[],
  ) => {
    const first = y;
    bars.forEach(({ from, height, count }, expert) => {
      for (let index = 0; index < Math.ceil(layers / size); index++) {
        const from0 = index * size;
        const last = Math.min(from0 + size, layers) - 1;
        blocks.push({
          ...{ part, module, layers: [from0, last], index, expert, count, line },
          x: columns.x + from0 * columns.cell + columns.space / 2,
          y: first + from,
          width: (last - from0 + 1) * columns.cell - columns.space,
          height,
        });
      }
      line++;
      y = first + from + height;
    });
    middles[part] = (first + y) / 2;
  };
  if (block !== undefined) {
    add('A', block.groupSize, stack(block.downs, sizes));
    y += sizes.join;
    if (block.mix === 'router') {
      add('router', 1, [{ from: 0, height: sizes.router, count: 1 }]);
      y += sizes.join;
    }
    add('B', 1, stack(block.ups, sizes));
    y += sizes.join;
  }
  if (sizes.frozen > 0) add('W', 1, [{ from: 0, height: sizes.frozen, count: 1 }]);
  return { blocks, height: y - top, middles };
}

/** Bars of a stack from the top; they become thinner where there are many. */
function stack(experts: number, { bar, stack: room, gap }: RowSizes) {
  const drawn = Math.min(experts, MOST_BARS);
  const height = Math.min(bar, (room - (drawn - 1) * gap) / drawn);
  return Array.from({ length: drawn }, (_, index) => ({
    from: index * (height + gap),
    height,
    count: index === MOST_BARS - 1 ? experts - index : 1,
  }));
}

export interface PictureRow extends RowShape {
  readonly module: ModuleName;
  readonly top: number;
  readonly adapted: boolean;
}

/** The picture of a whole model: modules down, layers across. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly columns: Columns;
  readonly layers: number;
  readonly rows: readonly PictureRow[];
  readonly blocks: readonly PictureBlock[];
  /** Layers whose number is written above them. */
  readonly numbered: readonly number[];
}

/** Room on the left for the names of modules and parts, and above for the numbers of layers. */
export const LEFT = 54;
export const ABOVE = 18;
const SIZES: RowSizes = { bar: 8, stack: 22, gap: 2, join: 3, router: 5, frozen: 8 };
const ROW_GAP = 11;
/** Least width of a layer's number. */
const NUMBER_WIDTH = 22;

/** Lays the picture out. Pure, so that it can be tested and drawn again at any width. */
export function layOut(
  block: LowRankBlock,
  layers: number,
  targets: readonly ModuleName[],
  width: number,
): Picture {
  const cell = Math.max(1, width - LEFT) / layers;
  const columns: Columns = { x: LEFT, cell, space: Math.min(6, Math.max(1, cell * 0.16)) };
  const rows: PictureRow[] = [];
  const blocks: PictureBlock[] = [];
  let top = ABOVE;
  for (const module of MODULES) {
    const adapted = targets.includes(module);
    const row = rowShape(adapted ? block : undefined, layers, module, columns, SIZES, top);
    rows.push({ ...row, module, top, adapted });
    blocks.push(...row.blocks);
    top += row.height + ROW_GAP;
  }
  const every = Math.ceil(NUMBER_WIDTH / cell);
  return {
    width,
    height: top - ROW_GAP + 1,
    columns,
    layers,
    rows,
    blocks,
    numbered: Array.from({ length: layers }, (_, layer) => layer).filter((layer) => layer % every === 0),
  };
}

/** Same block, whatever is drawn where. */
export function blockKey({
  part,
  module,
  index,
  expert,
}: Pick<PictureBlock, 'part' | 'module' | 'index' | 'expert'>): string {
  return `${part} ${module} ${index} ${expert}`;
}
