import {
  memo,
  useEffect,
  useMemo,
  useRef,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
} from 'react';
import type { LowRankBlock } from '../../engine/adapters/adapterMethod';
import type { BlockPart, BlockPlace } from '../../state/view';
import { banksOf, type Bank } from './banks';
import { ABOVE, blockKey, LEFT, MOST_BARS, type Picture, type PictureBlock } from './geometry';
import { blockUnder, placeAfter, placeOf } from './places';
import { useMoving } from './useMoving';
import { blockLabel, type Subject } from './words';

/** A block, and the layer that it is seen from. */
export interface Shown {
  readonly block: PictureBlock;
  readonly layer: number;
}

/**
 * The whole model: layers across, modules down. Arrow keys go from block to block. All blocks are drawn by a few paths;
 * the chosen one alone is an element, which has the focus and the words for screen readers.
 */
export function PictureMap({
  picture,
  subject,
  shown,
  chosen,
  strengths,
  onPoint,
  onChoose,
}: {
  readonly picture: Picture;
  readonly subject: Subject;
  /** What the readout is about: the block under the pointer, else the chosen one. */
  readonly shown: Shown;
  readonly chosen: Shown;
  /** How strongly each block is coloured by its key, in [0, 1]; undefined where sizes are not shown. */
  readonly strengths: ReadonlyMap<string, number> | undefined;
  /** Told what the pointer is over. */
  readonly onPoint: (place: BlockPlace | undefined) => void;
  readonly onChoose: (place: BlockPlace) => void;
}) {
  const svg = useRef<SVGSVGElement>(null);
  const bars = useMoving(picture);
  const banks = useMemo(() => banksOf(bars, subject.block, strengths), [bars, subject, strengths]);
  const hadFocus = useRef(false);
  const key = blockKey(chosen.block);
  useEffect(() => {
    // The element of the block that was chosen before took the focus along when it went.
    if (hadFocus.current)
      svg.current?.querySelector<SVGElement>('.picture-chosen')?.focus({ preventScroll: true });
  }, [key]);
  const under = (event: PointerEvent | MouseEvent) => {
    const box = svg.current?.getBoundingClientRect();
    if (box === undefined) return undefined;
    const found = blockUnder(picture, event.clientX - box.left, event.clientY - box.top);
    return found && placeOf(found.block, found.layer);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = placeAfter(picture, chosen.block, chosen.layer, event.key);
    if (next === undefined) return;
    event.preventDefault();
    onPoint(undefined);
    onChoose(next);
  };
  const [first, last] = shown.block.layers;
  const { columns, width, height } = picture;
  return (
    <svg
      ref={svg}
      className="picture-map"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label="Blocks of the model. Arrow keys go from block to block, Page Up and Page Down from module to module."
      onPointerMove={(event) => {
        onPoint(under(event));
      }}
      onPointerLeave={() => {
        onPoint(undefined);
      }}
      onClick={(event) => {
        const place = under(event);
        if (place !== undefined) onChoose(place);
      }}
      onKeyDown={onKeyDown}
    >
      <rect
        className="picture-band"
        x={columns.x + first * columns.cell}
        y={0}
        width={(last - first + 1) * columns.cell}
        height={height}
        rx={4}
      />
      <Labels picture={picture} block={subject.block} />
      <Banks banks={banks} />
      <Frame className="picture-ring" block={shown.block} />
      <Frame
        key={key}
        className="picture-chosen"
        block={chosen.block}
        role="button"
        tabIndex={0}
        aria-pressed="true"
        aria-label={blockLabel(subject, chosen.block)}
        onFocus={() => {
          hadFocus.current = true;
        }}
        onBlur={() => {
          hadFocus.current = false;
        }}
      />
    </svg>
  );
}

/** A frame around a block. */
function Frame({
  block: { x, y, width, height },
  ...rest
}: { readonly block: PictureBlock } & React.SVGProps<SVGRectElement>) {
  return <rect x={x - 2} y={y - 2} width={width + 4} height={height + 4} rx={4} {...rest} />;
}

/** All blocks. Drawn again only when they change, not with the pointer. */
const Banks = memo(function Banks({ banks }: { readonly banks: readonly Bank[] }) {
  return (
    <g aria-hidden="true">
      {banks.map(({ key, part, colour, percent, d }) => (
        <path
          key={key}
          className={`picture-block part-${part}`}
          d={d}
          style={{
            color: colour,
            ...(percent === undefined
              ? {}
              : { fill: `color-mix(in oklab, currentColor ${percent}%, var(--surface))` }),
          }}
        />
      ))}
    </g>
  );
});

/** Numbers of layers, names of modules, letters of parts. */
const Labels = memo(function Labels({
  picture,
  block: { downs, ups },
}: {
  readonly picture: Picture;
  readonly block: LowRankBlock;
}) {
  const letters: readonly (readonly [BlockPart, string])[] = [
    ['A', numberOf('A', downs)],
    ['B', numberOf('B', ups)],
    ['W', 'W'],
  ];
  const { columns, numbered, rows } = picture;
  return (
    <g className="picture-labels" aria-hidden="true">
      <text x={0} y={ABOVE - 7}>
        layer
      </text>
      {numbered.map((layer) => (
        <text key={layer} x={columns.x + (layer + 0.5) * columns.cell} y={ABOVE - 7} textAnchor="middle">
          {layer}
        </text>
      ))}
      {rows.map(({ module, top, height, middles, adapted }) => (
        <g key={module}>
          <text className={adapted ? 'picture-module' : ''} x={0} y={top + height / 2 + 4}>
            {module.replace('_proj', '')}
          </text>
          {letters.map(([part, letter]) =>
            middles[part] === undefined ? null : (
              <text
                key={part}
                className="picture-letter"
                x={LEFT - 5}
                y={middles[part] + 3.5}
                textAnchor="end"
              >
                {letter}
              </text>
            ),
          )}
        </g>
      ))}
    </g>
  );
});

/** How many there are, where not all can be drawn. */
function numberOf(letter: string, experts: number): string {
  return experts > MOST_BARS ? `${letter}×${experts}` : letter;
}
