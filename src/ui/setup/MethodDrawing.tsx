import type { LowRankBlock } from '../../engine/adapters/adapterMethod';
import type { BlockPart } from '../../state/view';
import { blockKey, rowShape, type RowSizes } from '../picture/geometry';

const LAYERS = 4; // enough to show what is shared
const WIDTH = 136;
const HEIGHT = 52;
const CELL = WIDTH / LAYERS;
const SIZES: RowSizes = { bar: 9, stack: 16, gap: 2, join: 3, router: 4, frozen: 5 };
const OPACITY: Readonly<Record<BlockPart, number>> = { A: 1, router: 1, B: 0.4, W: 0.15 };

/**
 * Four layers of a method in the language of the large picture: each down-projection A reaches over the layers that
 * share it, under it a router's dots, each layer's own up-projections B, and its frozen W. Drawn from the block
 * itself, so that it moves with E and S.
 */
export function MethodDrawing({ block }: { readonly block: LowRankBlock }) {
  const few = { ...block, groupSize: Math.min(block.groupSize, LAYERS) };
  const { blocks, height } = rowShape(few, LAYERS, 'q_proj', { x: 0, cell: CELL, space: 6 }, SIZES);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {blocks.map((each) => {
        const width = each.part === 'router' ? each.height : each.width;
        return (
          <rect
            key={blockKey(each)}
            x={each.x + (each.width - width) / 2}
            y={(HEIGHT - height) / 2 + each.y}
            width={width}
            height={each.height}
            rx={Math.min(2, each.height / 2)}
            fill="currentColor"
            opacity={OPACITY[each.part]}
          />
        );
      })}
    </svg>
  );
}
