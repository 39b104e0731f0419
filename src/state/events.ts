import { unreachable, type RunEvent } from '../worker/protocol';
import { applyChatEvent } from './chat';
import { evaluationStore } from './evaluation';
import { expertsStore, stepReached } from './experts';
import { metrics, metricsChanged } from './metrics';
import { nextStatus, runStore } from './run';
import { noteKept, runsStore } from './runs';
import { sweepStore } from './sweep';

/** Takes in what the worker says about a run; words about an earlier run are dropped. */
export function applyEvent(event: RunEvent): void {
  if (event.type === 'job') {
    const { id, stage, done, total } = event;
    sweepStore.setState({ job: { id, stage, done, total } });
    return;
  }
  if (event.type === 'chatStage' || event.type === 'chatText') {
    applyChatEvent(event);
    return;
  }
  const { runId, status, prompt } = runStore.getState();
  if (event.runId !== runId) return;
  switch (event.type) {
    case 'prepared':
      runStore.setState({ prepared: event.data });
      break;
    case 'step':
      metrics.push(event.point);
      metricsChanged();
      stepReached(event.point.step);
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
    case 'looking':
      expertsStore.setState({ progress: { done: event.done, total: event.total } });
      break;
    case 'running':
      stepReached(event.step);
      break;
    case 'mark':
      metrics.mark(event.mark);
      metricsChanged();
      break;
    case 'kept':
      noteKept();
      break;
    case 'unkept':
      runsStore.setState({ unkept: { runId, message: event.message, isFull: event.isFull } });
      break;
    case 'loading':
    case 'compiling':
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
