import { readFileSync } from 'node:fs';
import { parseRecording } from '../../src/replay/parseRecording';
import type { Recording } from '../../src/replay/recording';

/** The recording that comes with the page. */
export function readRecordingFile(): Recording {
  const path = new URL('../../src/replay/recordings/clerk.json', import.meta.url);
  return parseRecording(JSON.parse(readFileSync(path, 'utf8')));
}

/** The same run over and over: every step and everything that was said, `times` as long and at another pace. */
export function stretched(recording: Recording, times: number, stepsPerSecond: number): Recording {
  const { steps, moments, norms, run } = recording;
  const length = run.max_steps;
  const rounds = Array.from({ length: times }, (_, round) => round * length);
  const again = (values: readonly number[]) => rounds.flatMap(() => values);
  const later = moments.filter(({ after }) => after > 0);
  return {
    ...recording,
    stepsPerSecond,
    run: { ...run, max_steps: length * times },
    steps: {
      ...{ loss: again(steps.loss), learning_rate: again(steps.learning_rate) },
      ...{ grad_norm: again(steps.grad_norm), tokens: again(steps.tokens), seconds: again(steps.seconds) },
    },
    moments: [
      ...moments.filter(({ after }) => after === 0),
      ...rounds.flatMap((from) =>
        later.map(({ after, event }) => ({
          after: from + after,
          event: 'step' in event ? { ...event, step: from + event.step } : event,
        })),
      ),
    ],
    norms: {
      ...norms,
      looks: rounds.flatMap((from) => norms.looks.map((look) => ({ ...look, step: from + look.step }))),
    },
  };
}
