import {
  memo,
  useMemo,
  useRef,
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
} from 'react';
import type { LowRankBlock } from '../../engine/adapters/adapterMethod';
import type { BlockPart, BlockPlace } from '../../state/view';
import { ABOVE, blockKey, LEFT, MOST_BARS, type Picture, type PictureBlock } from './geometry';
import { blockAt, blockUnder, placeAfter, placeOf } from './places';
import { blockColour } from './tint';
import { blockLabel, type Subject } from './words';

/** The whole model: layers across, modules down. Arrow keys go from block to block. */
export function PictureMap({
  picture,
  subject,
  shown,
  strengths,
  onPoint,
  onChoose,
}: {
  readonly picture: Picture;
  readonly subject: Subject;
  /** What the readout is about. */
  readonly shown: { readonly block: PictureBlock; readonly layer: number };
  /** How strongly each block is coloured by its key, in [0, 1]; undefined where sizes are not shown. */
  readonly strengths: ReadonlyMap<string, number> | undefined;
  /** Told what the pointer is over. */
  readonly onPoint: (place: BlockPlace | undefined) => void;
  readonly onChoose: (place: BlockPlace) => void;
}) {
  const svg = useRef<SVGSVGElement>(null);
  const byKey = useMemo(() => new Map(picture.blocks.map((block) => [blockKey(block), block])), [picture]);
  const labels = useMemo(
    () => new Map(picture.blocks.map((block) => [block, blockLabel(subject, block)])),
    [picture, subject],
  );
  const under = (event: PointerEvent | MouseEvent) => {
    const box = svg.current?.getBoundingClientRect();
    if (box === undefined) return undefined;
    const found = blockUnder(picture, event.clientX - box.left, event.clientY - box.top);
    return found && placeOf(found.block, found.layer);
  };
  const focus = (place: BlockPlace) => {
    onChoose(place);
    const block = blockAt(picture, place);
    if (block !== undefined) element(svg.current, blockKey(block))?.focus({ preventScroll: true });
  };
  const onFocus = (event: FocusEvent) => {
    const key = event.target.getAttribute('data-block');
    const block = key === null ? undefined : byKey.get(key);
    // Reached by Tab it is the shown one already, which has a layer of its own.
    if (block !== undefined && block !== shown.block) onChoose(placeOf(block, shown.layer));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = placeAfter(picture, shown.block, shown.layer, event.key);
    if (next === undefined) return;
    event.preventDefault();
    onPoint(undefined);
    focus(next);
  };
  const [first, last] = shown.block.layers;
  const { columns, width, height } = picture;
  const ring = shown.block;
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
        if (place !== undefined) focus(place);
      }}
      onFocus={onFocus}
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
      {picture.blocks.flatMap((block) => {
        const key = blockKey(block);
        const colour = blockColour(subject.block, block);
        return [
          ...sharers(block).map((layer) => (
            <Block key={moving(block, layer)} block={block} colour={colour} />
          )),
          <Block
            key={moving(block, block.layers[1])}
            block={block}
            id={key}
            colour={colour}
            strength={block.part === 'W' ? undefined : strengths?.get(key)}
            label={labels.get(block) ?? ''}
            isShown={block === shown.block}
          />,
        ];
      })}
      <rect
        className="picture-ring"
        x={ring.x - 2}
        y={ring.y - 2}
        width={ring.width + 4}
        height={ring.height + 4}
        rx={4}
      />
    </svg>
  );
}

/**
 * Under a shared block lies a copy for each layer but the last that shares it. They keep these keys while E and S move,
 * so that groups merge and part before the eye.
 */
function moving({ part, module, expert }: PictureBlock, layer: number): string {
  return `${part} ${module} ${layer} ${expert}`;
}

function sharers({ layers: [first, last] }: PictureBlock): number[] {
  return Array.from({ length: last - first }, (_, index) => first + index);
}

function element(svg: SVGSVGElement | null, key: string): SVGElement | null {
  return svg?.querySelector<SVGElement>(`[data-block="${key}"]`) ?? null;
}

/** A block, or (where it has no id) a copy under one. */
const Block = memo(function Block({
  block: { part, x, y, width, height },
  id,
  colour,
  strength,
  label,
  isShown = false,
}: {
  readonly block: PictureBlock;
  readonly id?: string;
  readonly colour: string;
  readonly strength?: number | undefined;
  readonly label?: string;
  readonly isShown?: boolean;
}) {
  const size = part === 'router' ? Math.min(width, height + 4) : width;
  const role =
    id === undefined
      ? { 'aria-hidden': true }
      : {
          'data-block': id,
          role: 'button',
          'aria-label': label,
          'aria-pressed': isShown,
          tabIndex: isShown ? 0 : -1,
        };
  return (
    <rect
      className={`picture-block part-${part}${id === undefined ? ' copy' : ''}`}
      x={x + (width - size) / 2}
      y={y}
      width={size}
      height={height}
      rx={part === 'router' ? height / 2 : Math.min(2, height / 3)}
      style={{
        color: colour,
        ...(strength === undefined
          ? {}
          : { fill: `color-mix(in oklab, currentColor ${(100 * strength).toFixed(0)}%, var(--surface))` }),
      }}
      {...role}
    />
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
