import { useState, type RefObject } from 'react';
import { useStore } from 'zustand';
import { viewStore } from '../../state/view';
import { saveFile } from '../../storage/localFiles';
import { AXIS_NAMES } from './axes';
import { figureCaption } from './caption';
import { curvesCsv } from './csv';
import type { Curve, Source } from './curves';
import { Menu } from './Menu';
import { chartPicture, toPng } from './picture';
import { REFERENCE } from './palette';
import { pictureStore } from './pictureStore';
import type { ChartSpec, Reference } from './registry';

/** Takes a chart away: its numbers, or a picture of it with a caption that names runs and settings. */
export function ChartMenu({
  spec,
  sources,
  curves,
  reference,
  area,
  table,
  onTable,
}: {
  readonly spec: ChartSpec;
  readonly sources: readonly Source[];
  readonly curves: readonly Curve[];
  readonly reference: Reference | undefined;
  /** Where the chart is drawn. */
  readonly area: RefObject<HTMLElement | null>;
  readonly table: boolean;
  readonly onTable: (table: boolean) => void;
}) {
  const light = useStore(pictureStore, (state) => state.light);
  const [said, setSaid] = useState('');
  const caption = () => figureCaption(spec, sources, viewStore.getState());
  const picture = () => {
    if (area.current === null) throw new Error('the chart is not there');
    const legend = curves
      .filter(({ kind, source }) => kind !== 'points' || source === 'run')
      .map(({ name, look }) => ({ name: name === '' ? 'this run' : name, look }))
      .concat(reference === undefined ? [] : [{ name: reference.name, look: REFERENCE }]);
    return chartPicture(area.current, { title: spec.title, caption: caption(), legend, light });
  };
  const file = (end: string) => `${spec.id.replaceAll('_', '-')}.${end}`;
  const attempt = (work: () => Promise<string> | string) => async () => {
    try {
      setSaid(await work());
    } catch (error) {
      setSaid(`${error instanceof Error ? error.message : String(error)}.`);
    }
  };
  const actions: readonly (readonly [label: string, work: () => Promise<string> | string])[] = [
    [
      'Save as PNG',
      async () => {
        const bytes = new Uint8Array(await (await toPng(picture())).arrayBuffer());
        saveFile(file('png'), bytes, 'image/png');
        return 'Saved.';
      },
    ],
    [
      'Save as SVG',
      () => {
        saveFile(file('svg'), picture().svg, 'image/svg+xml');
        return 'Saved.';
      },
    ],
    [
      'Save as CSV',
      () => {
        saveFile(file('csv'), curvesCsv([{ chart: spec.id, curves }], csvAxis()), 'text/csv');
        return 'Saved.';
      },
    ],
    ['Copy picture', () => copyPicture(toPng(picture()), caption())],
    [
      'Copy caption',
      async () => {
        await navigator.clipboard.writeText(caption());
        return 'Copied.';
      },
    ],
  ];
  return (
    <div className="chart-menu">
      <span role="status" className="small muted">
        {said}
      </span>
      <Menu label="⋯" name={`${spec.title}: save, copy, table`}>
        {actions.map(([label, work]) => (
          <button key={label} type="button" onClick={() => void attempt(work)()}>
            {label}
          </button>
        ))}
        <button
          type="button"
          onClick={() => {
            onTable(!table);
          }}
        >
          {table ? 'Hide the table' : 'Show as a table'}
        </button>
      </Menu>
    </div>
  );
}

/** What x is, as the head of a column. */
export function csvAxis(): string {
  return AXIS_NAMES[viewStore.getState().xAxis].replaceAll(' ', '_');
}

/** The picture, and its caption where only text can be pasted. */
async function copyPicture(png: Promise<Blob>, caption: string): Promise<string> {
  if (typeof ClipboardItem === 'undefined') throw new Error('this browser copies no pictures; save the PNG');
  const text = new Blob([caption], { type: 'text/plain' });
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': png, 'text/plain': text })]);
  return 'Copied.';
}
