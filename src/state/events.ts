import { unreachable, type RunEvent } from '../worker/protocol';
import { evaluationStore } from './evaluation';
import { metrics, metricsChanged } from './metrics';
import { nextStatus, runStore } from './run';

/** Takes in what the worker says about a run; words about an earlier run are dropped. */
export function applyEvent(event: RunEvent): void {
  const { runId, status, prompt } = runStore.getState();
  if (event.runId !== runId) return;
  switch (event.type) {
    case 'prepared':
      runStore.setState({ prepared: event.data });
      break;
    case 'step':
      metrics.push(event.point);
      metricsChanged();
      break;
    case 'validation':
      metrics.pushValidation(event.step, event.loss);
      metricsChanged();
      break;
    case 'accuracy':
      metrics.pushAccuracy({ step: event.step, mean: event.mean, byTask: event.byTask, cut: event.cut });
      metricsChanged();
      break;
    case 'sample': {
      const { step, text, complete } = event;
      runStore.setState({ [event.when]: { step, prompt, text, complete } });
      break;
    }
    case 'evaluating':
      evaluationStore.setState({ progress: { done: event.done, total: event.total } });
      break;
    case 'loading':
    case 'compiling':
    case 'running':
    case 'asking':
    case 'paused':
    case 'done':
    case 'failed':
      break;
    default:
      unreachable(event);
  }
  const next = nextStatus(status, event);
  if (next !== status) runStore.setState({ status: next });
}
