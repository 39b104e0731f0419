import type { BlockNorms, RunEvent } from '../../worker/protocol';
import { parseRecording } from '../parseRecording';
import type { RecordedMoment, RecordedNorms, Recording, StepColumns } from '../recording';

/** What a recorder has gathered. */
export type Gathered = Omit<Recording, 'prepared' | 'steps' | 'moments' | 'norms'> & {
  readonly events: readonly RunEvent[];
  readonly norms: readonly BlockNorms[];
};

const DIGITS = 4; // of a figure that is drawn
/** Events of a kind that follow each other and say how far something is: the rest would be seen by nobody. */
const MOST_PROGRESS = 8;

/**
 * Makes a recording: columns of the steps, the other events beside them, figures rounded; as it will be read.
 *
 * @throws Error where the run is not one that was logged at every step
 */
export function distil({ events, norms, ...rest }: Gathered): Recording {
  const points = events.flatMap((event) => (event.type === 'step' ? [event.point] : []));
  if (points.some(({ step }, index) => step !== index + 1)) throw new Error('a step is missing');
  const prepared = events.find((event) => event.type === 'prepared');
  if (prepared === undefined) throw new Error('the run was not prepared');
  const column = (name: keyof StepColumns) => points.map((point) => rounded(point[name]));
  return parseRecording({
    ...rest,
    prepared: prepared.data,
    steps: {
      ...{ loss: column('loss'), learning_rate: column('learning_rate'), grad_norm: column('grad_norm') },
      ...{ tokens: column('tokens'), seconds: column('seconds') },
    },
    moments: thinned(momentsIn(events)),
    norms: columnsOf(norms),
  });
}

/** Kinds of events that the player does not say by itself. */
const KEPT = ['loading', 'compiling', 'validation', 'asking', 'accuracy', 'sample'] as const;
type Kept = Extract<RunEvent, { readonly type: (typeof KEPT)[number] }>;

function isKept(event: RunEvent): event is Kept {
  // Before the first kernel there is none to name.
  return KEPT.some((kind) => kind === event.type) && !(event.type === 'compiling' && event.done === 0);
}

function momentsIn(events: readonly RunEvent[]): RecordedMoment[] {
  let after = 0;
  return events.flatMap((event): RecordedMoment[] => {
    if (event.type === 'step') after = event.point.step;
    if (!isKept(event)) return [];
    return [{ after, event: event.type === 'validation' ? { ...event, loss: rounded(event.loss) } : event }];
  });
}

/** Of every row of progress a few, the last among them; so too of a text that grows. */
function thinned(moments: readonly RecordedMoment[]): RecordedMoment[] {
  const rows: RecordedMoment[][] = [];
  for (const moment of moments) {
    const row = rows.at(-1);
    if (row?.[0]?.event.type === moment.event.type && row[0].after === moment.after) row.push(moment);
    else rows.push([moment]);
  }
  return rows.flatMap((row) => {
    if (row.length <= MOST_PROGRESS) return row;
    const every = Math.ceil(row.length / MOST_PROGRESS);
    return row.filter((_, index) => (row.length - 1 - index) % every === 0);
  });
}

function columnsOf(looks: readonly BlockNorms[]): RecordedNorms {
  return {
    names: looks[0]?.norms.map(({ name }) => name) ?? [],
    looks: looks.map(({ step, norms }) => ({
      step,
      gradients: norms.map(({ gradient }) => rounded(gradient)),
      updates: norms.map(({ update }) => rounded(update)),
    })),
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
