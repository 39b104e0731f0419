import { findScenario } from '../scenarios/table';
import { guessKind } from '../storage/localFiles';
import { saveView } from '../storage/settings';
import type { DataInfo, FileSource, ModelInfo, QuestionsInfo } from '../worker/protocol';
import { client } from './client';
import { messageOf } from './messageOf';
import { replan } from './planning';
import { setupStore, type Slot } from './setup';
import { sweepObstacle } from './sweep';

/** Takes files that were dropped on no card in particular. */
export async function chooseDropped(source: FileSource): Promise<void> {
  const names = source.kind === 'files' ? source.files.map((file) => file.name) : [];
  await (guessKind(names) === 'model' ? chooseModel(source) : chooseData(source));
}

/** Reads the checkpoint that somebody chose. On a problem the model of before stays. */
export async function chooseModel(source: FileSource): Promise<void> {
  if (isRefused('model')) return;
  announce('model', source);
  await inTurn(async () => {
    if (!isWanted('model', source)) return;
    if (await readModel(source)) setupStore.setState({ modelByHand: true });
  });
}

/**
 * Reads a data set. On a problem the one of before stays. A scenario brings its model along, unless somebody
 * chose one.
 */
export async function chooseData(source: FileSource): Promise<void> {
  if (isRefused('data')) return;
  announce('data', source);
  await inTurn(async () => {
    if (!isWanted('data', source)) return;
    const { model, modelByHand, catalogue } = setupStore.getState();
    const scenario = source.kind === 'scenario' ? findScenario(source.id) : undefined;
    saveView({ scenario: scenario?.id });
    const own = catalogue?.models.find(({ name }) => name === scenario?.model)?.source;
    if (own !== undefined && own !== model.chosen?.source && !modelByHand) await fill('model', own);
    await readData(source);
  });
}

/** Reads model and data that were chosen before, where others are there now. */
export async function restoreMaterials({
  model,
  modelByHand,
  data,
}: {
  readonly model: FileSource | undefined;
  readonly modelByHand: boolean;
  readonly data: FileSource | undefined;
}): Promise<void> {
  await inTurn(async () => {
    if (model !== undefined && model !== setupStore.getState().model.chosen?.source) await readModel(model);
    setupStore.setState({ modelByHand });
    if (data === undefined || data === setupStore.getState().data.chosen?.source) return;
    saveView({ scenario: data.kind === 'scenario' ? data.id : undefined });
    await readData(data);
  });
}

/** The data of a scenario. */
export function scenarioSource(id: string): FileSource {
  return { kind: 'scenario', id, name: id };
}

/** Reads a checkpoint, and the data anew through its tokenizer; false where it cannot be used. */
export async function readModel(source: FileSource): Promise<boolean> {
  if (!(await fill('model', source))) return false;
  const { data } = setupStore.getState();
  // The data set is shown through the model's tokenizer and template.
  if (data.chosen !== undefined) await fill('data', data.chosen.source);
  await replan();
  return true;
}

/** Reads a data set, and the questions that its files may hold. */
export async function readData(source: FileSource): Promise<void> {
  const info = source.kind === 'files' ? await questionsIn(source) : undefined;
  setupStore.setState({ questions: info && { info, source } });
  if (await fill('data', source)) await replan();
  // Questions need not be anything to learn from.
  else if (info !== undefined) dismissProblem('data');
}

/** The questions of a file; what is wrong with a file that holds none is said when it is read as data. */
async function questionsIn(source: FileSource): Promise<QuestionsInfo | undefined> {
  return await client()
    .call({ type: 'loadQuestions', source })
    .catch(() => undefined);
}

let turns: Promise<unknown> = Promise.resolve();

/** Reads one thing after another: what the page shows is then what the worker read last. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = turns.then(work);
  turns = turn.catch(() => undefined);
  return turn;
}

/** Says what will be read as soon as it is its turn. */
function announce(slot: 'model' | 'data', source: FileSource): void {
  setupStore.setState((state) => ({
    [slot]: { ...state[slot], reading: source, problem: undefined, refused: undefined },
  }));
}

/** Says so where a comparison needs what is there. */
function isRefused(slot: 'model' | 'data'): boolean {
  const problem = sweepObstacle();
  if (problem !== undefined) setupStore.setState((state) => ({ [slot]: { ...state[slot], problem } }));
  return problem !== undefined;
}

/** Whether nothing else was chosen while this waited for its turn. */
function isWanted(slot: 'model' | 'data', source: FileSource): boolean {
  return setupStore.getState()[slot].reading === source;
}

async function fill(slot: 'model' | 'data', source: FileSource): Promise<boolean> {
  if (setupStore.getState()[slot].reading === undefined) announce(slot, source);
  const settle = (part: Partial<Slot<ModelInfo | DataInfo>>) => {
    setupStore.setState((state) => {
      const { reading } = state[slot]; // what waits for its turn stays announced
      const waiting = reading === source ? undefined : reading;
      return {
        [slot]: { ...state[slot], reading: waiting, problem: undefined, refused: undefined, ...part },
      };
    });
  };
  try {
    const info = await client().call({ type: slot === 'model' ? 'loadModel' : 'loadData', source });
    settle({ chosen: { info, source } });
    return true;
  } catch (error) {
    settle({ problem: messageOf(error), refused: source });
    return false;
  }
}

/** Puts away the sentence about a model or data set that could not be read. */
export function dismissProblem(slot: 'model' | 'data'): void {
  setupStore.setState((state) => ({ [slot]: { ...state[slot], problem: undefined, refused: undefined } }));
}
