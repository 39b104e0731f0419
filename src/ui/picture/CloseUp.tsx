import { linearShape } from '../../engine/model/tensorShapes';
import type { BlockPlace } from '../../state/view';
import { formatCount } from '../shared/format';
import type { PictureBlock } from './geometry';
import { blockColour } from './tint';
import { describeUse, subscript, type Subject } from './words';

const WIDTH = 320;
const HEIGHT = 240;
/** The path through W, and the room of the path through the adapter. */
const UPPER = 51;
const [TOP, BOTTOM] = [114, 196];
const MIDDLE = (TOP + BOTTOM) / 2;
const [X_BAR, Y_BAR, BAR] = [20, 292, 8];
const [A_LEFT, A_RIGHT, B_LEFT, B_RIGHT] = [76, 124, 164, 212];
const BUS = 254;
/** More experts than this are drawn as the first ones, dots and the last. */
const MOST = 4;

/** One layer's module close up: what x goes through on its way to y. Says nothing that the text does not say too. */
export function CloseUp({ subject, place }: { readonly subject: Subject; readonly place: BlockPlace }) {
  const { block, config, r, targets } = subject;
  const { layer, module } = place;
  const [out, input] = linearShape(config, module);
  const adapted = targets.includes(module);
  return (
    <svg className="close-up" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <marker
        id="picture-arrow"
        viewBox="0 0 6 6"
        refX="5.5"
        refY="3"
        markerWidth="6"
        markerHeight="6"
        orient="auto"
      >
        <path d="M0 0.5 L5.5 3 L0 5.5 z" className="close-head" />
      </marker>
      <text x={X_BAR} y="14">
        <tspan className="close-symbol">x</tspan> {formatCount(input)} numbers
      </text>
      <text x={Y_BAR + BAR} y="14" textAnchor="end">
        {formatCount(out)} numbers <tspan className="close-symbol">y</tspan>
      </text>
      <rect className="close-vector" x={X_BAR} y="22" width={BAR} height={BOTTOM - 22} rx="2" />
      <rect className="close-vector" x={Y_BAR} y="22" width={BAR} height={BOTTOM - 22} rx="2" />
      <path className="close-line" d={`M${X_BAR + BAR} ${UPPER} H84`} markerEnd="url(#picture-arrow)" />
      <rect
        className="close-frozen"
        x="84"
        y="24"
        width="120"
        height="54"
        rx="4"
        data-on={place.part === 'W'}
      />
      <text className="close-symbol" x="144" y="49" textAnchor="middle">
        W
      </text>
      <text x="144" y="66" textAnchor="middle">
        frozen
      </text>
      <path className="close-line" d={`M204 ${UPPER} H${BUS - 9}`} markerEnd="url(#picture-arrow)" />
      <circle className="close-node" cx={BUS} cy={UPPER} r="9" />
      <path className="close-line" d={`M${BUS - 4} ${UPPER} h8 M${BUS} ${UPPER - 4} v8`} />
      <path className="close-line" d={`M${BUS + 9} ${UPPER} H${Y_BAR}`} markerEnd="url(#picture-arrow)" />
      {adapted ? (
        <>
          <AdapterPath subject={subject} place={place} />
          <text x="144" y="104" textAnchor="middle">
            r = {r}
          </text>
          <text x={BUS + 6} y="104">
            × s
          </text>
        </>
      ) : (
        <text x="144" y={MIDDLE} textAnchor="middle">
          no adapter here
        </text>
      )}
      {adapted && block.groupSize > 1 ? (
        <Bank layers={groupOf(subject, layer)} isNarrow={block.mix === 'router'} />
      ) : null}
    </svg>
  );
}

/** First and last layer of a layer's group. */
function groupOf({ block: { groupSize }, config }: Subject, layer: number): readonly [number, number] {
  const first = layer - (layer % groupSize);
  return [first, Math.min(first + groupSize, config.layers) - 1];
}

/** The A's that a layer shares with others. */
function Bank({
  layers,
  isNarrow,
}: {
  readonly layers: readonly [number, number];
  /** Whether the router's line leaves less room for words. */
  readonly isNarrow: boolean;
}) {
  if (layers[0] === layers[1]) return null;
  return (
    <>
      <rect
        className="close-bank"
        x={A_LEFT - 7}
        y={TOP - 4}
        width={A_RIGHT - A_LEFT + 14}
        height={BOTTOM - TOP + 8}
        rx="6"
      />
      <text x={X_BAR + BAR + 6} y={BOTTOM + 17}>
        {isNarrow ? `layers ${layers[0]} to ${layers[1]}` : describeUse(layers)}
      </text>
    </>
  );
}

/** One expert's slot: its index and where it lies; undefined stands for those that are left out. */
interface Slot {
  readonly expert: number | undefined;
  readonly y: number;
  /** Height of the long side. */
  readonly tall: number;
}

function slots(experts: number): Slot[] {
  const all = Array.from({ length: experts }, (_, expert): number | undefined => expert);
  const drawn = experts <= MOST ? all : [0, 1, undefined, experts - 1];
  const room = (BOTTOM - TOP) / drawn.length;
  return drawn.map((expert, index) => ({
    expert,
    y: TOP + (index + 0.5) * room,
    tall: Math.min(64, room * 0.86),
  }));
}

function AdapterPath({ subject, place }: { readonly subject: Subject; readonly place: BlockPlace }) {
  const { block } = subject;
  const { downs, ups, mix } = block;
  const [as, bs] = [slots(downs), slots(ups)];
  const routed = mix === 'router';
  /** Where gates stand: behind what they weigh. */
  const gateX = ups > 1 ? 230 : 138;
  const weighed = ups > 1 ? bs : as;
  const line = (key: string, d: string, arrow = false) => (
    <path key={key} className="close-line" d={d} {...(arrow ? { markerEnd: 'url(#picture-arrow)' } : {})} />
  );
  const matrix = (part: 'A' | 'B', slot: Slot, of: number) => (
    <Matrix key={`${part} ${slot.y}`} part={part} slot={slot} of={of} subject={subject} place={place} />
  );
  const drawn = (list: readonly Slot[]) => list.filter(({ expert }) => expert !== undefined);
  return (
    <>
      {drawn(as).map(({ y }) => line(`x ${y}`, `M${X_BAR + BAR} ${y} H${A_LEFT}`, true))}
      {downs > 1 && ups > 1
        ? drawn(as).map(({ y }) => line(`ab ${y}`, `M${A_RIGHT} ${y} H${B_LEFT}`))
        : drawn(downs > 1 ? as : bs).map(({ y }) =>
            downs > 1
              ? line(
                  `ab ${y}`,
                  `M${A_RIGHT} ${y} L${routed ? gateX : 144} ${routed ? y : MIDDLE} L${routed ? 154 : 144} ${MIDDLE}`,
                )
              : line(`ab ${y}`, `M${A_RIGHT} ${MIDDLE} L${B_LEFT} ${y}`),
          )}
      {downs > 1 && ups === 1 ? line('to B', `M144 ${MIDDLE} H${B_LEFT}`, true) : null}
      {drawn(bs).map(({ y }) => line(`by ${y}`, `M${B_RIGHT} ${y} H${BUS}`))}
      {line('bus', `M${BUS} ${drawn(bs).at(-1)?.y ?? MIDDLE} V${UPPER + 9}`, true)}
      {as.map((slot) => matrix('A', slot, downs))}
      {bs.map((slot) => matrix('B', slot, ups))}
      {!routed && downs > 1 ? (
        <>
          <circle className="close-node" cx="144" cy={MIDDLE} r="10" />
          <text className="close-small" x="144" y={MIDDLE + 4} textAnchor="middle">
            {mix === 'mean' ? 'ø' : 'Σ'}
          </text>
        </>
      ) : null}
      {routed ? <Gates x={gateX} slots={drawn(weighed)} on={place.part === 'router'} /> : null}
    </>
  );
}

/** A matrix as what it does: A narrows to r numbers, B widens them again. */
function Matrix({
  part,
  slot: { expert, y, tall },
  of,
  subject,
  place,
}: {
  readonly part: 'A' | 'B';
  readonly slot: Slot;
  readonly of: number;
  readonly subject: Subject;
  readonly place: BlockPlace;
}) {
  const [left, right] = part === 'A' ? [A_LEFT, A_RIGHT] : [B_LEFT, B_RIGHT];
  if (expert === undefined) {
    return (
      <text x={(left + right) / 2} y={y + 4} textAnchor="middle">
        ⋯
      </text>
    );
  }
  const [first, second] = part === 'A' ? [tall / 2, tall * 0.19] : [tall * 0.19, tall / 2];
  const at: Pick<PictureBlock, 'part' | 'layers' | 'expert'> = {
    part,
    layers: [place.layer, place.layer],
    expert,
  };
  return (
    <g className={`close-matrix part-${part}`} style={{ color: blockColour(subject.block, at) }}>
      <path
        d={`M${left} ${y - first} L${right} ${y - second} V${y + second} L${left} ${y + first} z`}
        data-on={place.part === part && place.expert === expert}
      />
      <text className="close-small" x={part === 'A' ? left + 17 : right - 17} y={y + 4} textAnchor="middle">
        {part}
        {of === 1 ? '' : subscript(expert + 1)}
      </text>
    </g>
  );
}

/** The router reads x and weighs each expert by a gate. */
function Gates({
  x,
  slots: gates,
  on,
}: {
  readonly x: number;
  readonly slots: readonly Slot[];
  readonly on: boolean;
}) {
  const top = gates[0]?.y ?? MIDDLE;
  return (
    <>
      <path className="close-line dashed" d={`M${X_BAR + BAR / 2} ${BOTTOM} V228 H${x - 30}`} />
      <path className="close-line dashed" d={`M${x} 218 V${top}`} />
      {gates.map(({ y }) => (
        <circle key={y} className="close-gate" cx={x} cy={y} r="4.5" />
      ))}
      <rect className="close-gate" x={x - 30} y="218" width="60" height="20" rx="10" data-on={on} />
      <text className="close-router" x={x} y="232" textAnchor="middle">
        router
      </text>
    </>
  );
}
