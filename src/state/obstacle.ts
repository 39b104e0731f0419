import { deviceStore, type DeviceState } from './device';
import { evaluationStore, type EvaluationState } from './evaluation';
import { replayObstacle } from './recorded';
import { currentSettings, setupStore, type Settings, type SetupState } from './setup';
import { sweepObstacle, sweepStore } from './sweep';

/** Why training cannot start now, as a hint beside the button. */
export function whatIsMissing(
  setup: SetupState,
  device: DeviceState,
  settings: Settings,
  { asking }: Pick<EvaluationState, 'asking'>,
  comparing: string | undefined,
): string | undefined {
  if (comparing !== undefined) return comparing;
  if (asking) return 'Questions are being asked; stop that first.';
  if (device.status === 'checking') return 'Looking for a GPU …';
  if (device.status === 'missing' || device.status === 'refused') return 'There is no GPU to train on.';
  if (setup.model.chosen === undefined) return 'Choose a model first.';
  if (setup.data.chosen === undefined) return 'Choose a data set first.';
  if (setup.model.reading !== undefined || setup.data.reading !== undefined) return 'Reading files …';
  return device.status === 'replay'
    ? replayObstacle(device.recording, setup, settings.values)
    : settings.problem?.message;
}

/** The same for the page as it is now. */
export function trainObstacle(): string | undefined {
  return whatIsMissing(
    setupStore.getState(),
    deviceStore.getState(),
    currentSettings(),
    evaluationStore.getState(),
    sweepObstacle(sweepStore.getState()),
  );
}
