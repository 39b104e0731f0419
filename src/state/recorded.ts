import type { RunConfig } from '../config/runConfig';
import { otherSettings, type Recording } from '../replay/recording';
import { chosenScenario, currentPrompt, type SetupState } from './setup';

/** Why the set-up on the page cannot be replayed, as a hint beside the button; undefined where it is the recorded one. */
export function replayObstacle(
  recording: Recording,
  setup: SetupState,
  values: RunConfig,
): string | undefined {
  const { model, scenario, run, prompt } = recording;
  const { chosen } = setup.model;
  const isSame =
    chosen?.source.kind === 'urls' &&
    chosen.info.name === model.name &&
    chosenScenario(setup)?.id === scenario &&
    currentPrompt(setup) === prompt &&
    otherSettings(recording, values).length === 0;
  if (isSame) return undefined;
  const what = `${scenario} on ${model.name}, ${run.max_steps} steps`;
  return `Only the recorded run can be replayed: ${what}, with its own settings and prompt.`;
}
