import type { LowRankBlock } from '../../engine/adapters/adapterMethod';

const LAYERS = 4; // enough to show what is shared
const WIDTH = 136;
const HEIGHT = 44;
const CELL = WIDTH / LAYERS;

/**
 * Four layers of a method: each down-projection A (top) reaches over the layers that share it, each layer has
 * its own up-projection B (bottom). Drawn from the block itself, so that it moves with E and S.
 */
export function MethodDrawing({ block }: { readonly block: LowRankBlock }) {
  const size = Math.min(block.groupSize, LAYERS);
  const downs = Math.min(block.downs, 5); // more would be too thin to see
  const groups = Math.ceil(LAYERS / size);
  const rowHeight = Math.min(9, (HEIGHT - 18 - (downs - 1) * 2) / downs);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {Array.from({ length: groups }, (_, group) =>
        Array.from({ length: downs }, (_, expert) => (
          <rect
            key={`${group} ${expert}`}
            x={group * size * CELL + 3}
            y={26 - (downs - expert) * (rowHeight + 2)}
            width={Math.min(size, LAYERS - group * size) * CELL - 6}
            height={rowHeight}
            rx={2}
            fill="currentColor"
          />
        )),
      )}
      {Array.from({ length: LAYERS }, (_, layer) => (
        <rect
          key={layer}
          x={layer * CELL + 3}
          y={30}
          width={CELL - 6}
          height={10}
          rx={2}
          fill="currentColor"
          opacity={0.4}
        />
      ))}
    </svg>
  );
}
