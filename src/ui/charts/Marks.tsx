import { usePlotArea, useXAxisScale } from 'recharts';

/** Something that happened at a position, in words. */
export interface PlacedMark {
  readonly x: number;
  readonly label: string;
}

const ROWS = 2;
const ROW_HEIGHT = 13;
/** Of a letter of 11 pixels' height, on average and a bit more. */
const LETTER = 5.8;

/** Vertical lines for what happened to the run; named where there is room, and all of them when pointed at. */
export function Marks({ marks, named }: { readonly marks: readonly PlacedMark[]; readonly named: boolean }) {
  const [x, area] = [useXAxisScale(), usePlotArea()];
  if (!x || !area) return null;
  const right: number[] = new Array<number>(ROWS).fill(-Infinity);
  return (
    <g className="chart-marks">
      {together(marks).map(({ x: at, label }) => {
        const left = x(at);
        if (left === undefined || !(left >= area.x - 1 && left <= area.x + area.width + 1)) return null;
        const width = label.length * LETTER;
        const flipped = left + 4 + width > area.x + area.width;
        const [begin, end] = flipped ? [left - 4 - width, left - 4] : [left + 4, left + 4 + width];
        const row = named ? right.findIndex((edge) => edge < begin) : -1;
        if (row >= 0) right[row] = end;
        return (
          <g key={at}>
            <path
              d={`M${left} ${area.y}V${area.y + area.height}`}
              stroke="var(--line-strong)"
              strokeDasharray="2 2"
            >
              <title>{label}</title>
            </path>
            {row < 0 ? null : (
              <text
                x={flipped ? left - 4 : left + 4}
                y={area.y + 10 + row * ROW_HEIGHT}
                textAnchor={flipped ? 'end' : 'start'}
                fontSize={11}
              >
                {label}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

/** One mark a position, from left to right. */
function together(marks: readonly PlacedMark[]): PlacedMark[] {
  const byPlace = new Map<number, string[]>();
  for (const { x, label } of marks) {
    const labels = byPlace.get(x) ?? [];
    if (!labels.includes(label)) byPlace.set(x, [...labels, label]);
  }
  return [...byPlace].map(([x, labels]) => ({ x, label: labels.join(', ') })).sort((a, b) => a.x - b.x);
}
