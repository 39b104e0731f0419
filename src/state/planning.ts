import { client } from './client';
import { messageOf } from './messageOf';
import { currentSettings, setupStore } from './setup';

let lastPlan = 0;

/** Asks what a run with the present settings would take; only the latest answer counts. */
export async function replan(): Promise<void> {
  const { values, problem } = currentSettings();
  if (setupStore.getState().model.chosen === undefined || problem !== undefined) return;
  const turn = ++lastPlan;
  try {
    const plan = await client().call({ type: 'plan', run: values });
    if (turn === lastPlan) setupStore.setState({ plan, planProblem: undefined });
  } catch (error) {
    if (turn === lastPlan) setupStore.setState({ plan: undefined, planProblem: messageOf(error) });
  }
}
