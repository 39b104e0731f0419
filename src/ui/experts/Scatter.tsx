import { memo } from 'react';
import { ResponsiveContainer, Scatter, ScatterChart, XAxis, YAxis, ZAxis } from 'recharts';
import type { Picture } from '../../state/tsne';
import { formatCount } from '../shared/format';
import { colourOf, shapeOf } from './palette';

const MARGIN = { top: 8, right: 8, bottom: 8, left: 8 };
/** An axis without a scale. */
const BARE = {
  type: 'number',
  domain: ['dataMin', 'dataMax'],
  tick: false,
  tickLine: false,
  stroke: 'var(--line)',
} as const;
/** Room for the signs of the outermost points. */
const ROOM = 8;
/** Of a sign, in square pixels. */
const SIZES: [number, number] = [26, 26];
/** Steps between two drawings of all points. */
const DRAWN_EVERY = 100;

/** A picture by t-SNE, with how far it has come. Only nearness in it has a meaning, so the axes have no scale. */
export function TsneFigure({ picture }: { readonly picture: Picture }) {
  const { title, labels, progress } = picture;
  const kinds = [...new Set(labels)];
  const share = progress === undefined ? 0 : progress.iteration / progress.iterations;
  return (
    <figure className="plot tsne" aria-label={`t-SNE: ${title}`}>
      <h4>{title}</h4>
      <p className="small muted number">
        {progress === undefined
          ? `${formatCount(labels.length)} points; finding neighbours …`
          : `${formatCount(labels.length)} points, step ${progress.iteration} of ${progress.iterations}, KL divergence ${progress.klDivergence.toFixed(3)} nats`}
      </p>
      {share === 1 ? null : <progress max={1} value={share} aria-label={`Steps of ${title}`} />}
      <div className="chart-area">
        {progress === undefined ? null : (
          <Points
            embedding={progress.embedding}
            // What is drawn stays as it is for some steps: to draw thousands of points takes its time.
            turn={
              progress.iteration === progress.iterations ? -1 : Math.floor(progress.iteration / DRAWN_EVERY)
            }
            labels={labels}
            kinds={kinds}
            title={title}
          />
        )}
      </div>
      <p className="axis-name small muted">t-SNE 1 across, t-SNE 2 up (no unit)</p>
      <Kinds kinds={kinds} />
    </figure>
  );
}

const Points = memo(
  function Points({
    embedding,
    labels,
    kinds,
    title,
  }: {
    readonly embedding: Float64Array;
    readonly turn: number;
    readonly labels: readonly string[];
    readonly kinds: readonly string[];
    readonly title: string;
  }) {
    const places = labels.map((label, n) => ({
      label,
      x: embedding[2 * n] ?? 0,
      y: embedding[2 * n + 1] ?? 0,
    }));
    return (
      <ResponsiveContainer width="100%" height={300}>
        <ScatterChart margin={MARGIN} title={`t-SNE: ${title}`} desc={`${labels.length} points`}>
          <XAxis dataKey="x" height={4} padding={{ left: ROOM, right: ROOM }} {...BARE} />
          <YAxis dataKey="y" width={4} padding={{ top: ROOM, bottom: ROOM }} {...BARE} />
          <ZAxis range={SIZES} />
          {kinds.map((kind, index) => (
            <Scatter
              key={kind}
              name={kind}
              data={places.filter(({ label }) => label === kind)}
              fill={colourOf(index)}
              fillOpacity={0.75}
              shape={shapeOf(index)}
              isAnimationActive={false}
            />
          ))}
        </ScatterChart>
      </ResponsiveContainer>
    );
  },
  (before, after) => before.turn === after.turn && before.labels === after.labels,
);

const SIGNS: Readonly<Record<ReturnType<typeof shapeOf>, string>> = {
  circle: '●',
  square: '■',
  triangle: '▲',
  diamond: '◆',
  cross: '✚',
  star: '★',
};

function Kinds({ kinds }: { readonly kinds: readonly string[] }) {
  return (
    <ul className="legend">
      {kinds.map((kind, index) => (
        <li key={kind}>
          <span style={{ color: colourOf(index) }} aria-hidden="true">
            {SIGNS[shapeOf(index)]}
          </span>
          {kind.replaceAll('_', ' ')}
        </li>
      ))}
    </ul>
  );
}
