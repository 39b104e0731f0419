import type { LowRankBlock } from '../../engine/adapters/adapterMethod';

const LAYERS = 4; // enough to show what is shared
const WIDTH = 136;
const HEIGHT = 52;
const CELL = WIDTH / LAYERS;
const MIDDLE = HEIGHT / 2;
/** Between the middle and the bars on both sides of it, wide enough for a router's dot. */
const MARGIN = 4;
const GAP = 2;
const MOST = 5; // more bars would be too thin to see

/**
 * Four layers of a method: each down-projection A (above the middle) reaches over the layers that share it, each
 * layer has its own up-projections B (below), and a router is a dot between them. Drawn from the block itself, so
 * that it moves with E and S.
 */
export function MethodDrawing({ block }: { readonly block: LowRankBlock }) {
  const size = Math.min(block.groupSize, LAYERS);
  const groups = Math.ceil(LAYERS / size);
  const layers = Array.from({ length: LAYERS }, (_, layer) => layer);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {Array.from({ length: groups }, (_, group) =>
        bars(block.downs).map(({ from, height }) => (
          <rect
            key={`${group} ${from}`}
            x={group * size * CELL + 3}
            y={MIDDLE - from - height}
            width={Math.min(size, LAYERS - group * size) * CELL - 6}
            height={height}
            rx={Math.min(2, height / 2)}
            fill="currentColor"
          />
        )),
      )}
      {layers.map((layer) =>
        bars(block.ups).map(({ from, height }) => (
          <rect
            key={`${layer} ${from}`}
            x={layer * CELL + 3}
            y={MIDDLE + from}
            width={CELL - 6}
            height={height}
            rx={Math.min(2, height / 2)}
            fill="currentColor"
            opacity={0.4}
          />
        )),
      )}
      {block.mix === 'router'
        ? layers.map((layer) => (
            <circle key={layer} cx={(layer + 0.5) * CELL} cy={MIDDLE} r={2} fill="currentColor" />
          ))
        : null}
    </svg>
  );
}

/** Bars stacked away from the middle: where each begins, and how high it is. */
function bars(count: number): { readonly from: number; readonly height: number }[] {
  const drawn = Math.min(count, MOST);
  const height = Math.min(9, (MIDDLE - MARGIN - (drawn - 1) * GAP) / drawn);
  return Array.from({ length: drawn }, (_, index) => ({ from: MARGIN + index * (height + GAP), height }));
}
