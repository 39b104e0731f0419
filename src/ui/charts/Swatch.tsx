import type { Look } from './palette';

/** A piece of a line, as in the chart, for a legend. */
export function Swatch({
  look: { colour, dash },
  kind = 'line',
  band = false,
}: {
  readonly look: Look;
  readonly kind?: 'line' | 'raw' | 'points' | 'ghost' | 'reference';
  /** Whether the line has a band around it. */
  readonly band?: boolean;
}) {
  const width = kind === 'line' ? 2 : kind === 'ghost' ? 1.5 : 1;
  return (
    <svg className="swatch" width="30" height="10" aria-hidden="true">
      {band ? <rect width="30" height="10" fill={colour} fillOpacity="0.16" /> : null}
      <path
        d="M0 5h30"
        stroke={colour}
        strokeWidth={width}
        strokeDasharray={kind === 'raw' ? '' : dash}
        strokeOpacity={kind === 'raw' ? 0.4 : 1}
      />
      {kind === 'points' ? (
        <circle cx="15" cy="5" r="3.5" fill="var(--surface)" stroke={colour} strokeWidth="1.75" />
      ) : null}
    </svg>
  );
}
