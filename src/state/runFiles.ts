import { UserError } from '../config/errors';
import { saveFile } from '../storage/localFiles';
import { readRunFile, writeRunFile } from '../storage/runs/runFile';
import { messageOf } from './messageOf';
import { refreshRuns, runLibrary, runsStore, sayProblem } from './runs';

/** Hands out a kept run as one file. */
export async function saveRun(id: string): Promise<void> {
  try {
    const library = runLibrary();
    const run = await library.find(id);
    if (run === undefined) throw new UserError('Run', 'it is not kept any more', 'choose another');
    const [history, snapshot] = await Promise.all([library.history(id), library.snapshot(id)]);
    const name = run.name.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '') || 'run';
    saveFile(`${name}.masa-run.zip`, writeRunFile({ run, ...history, snapshot }));
  } catch (error) {
    runsStore.setState({ problem: messageOf(error) });
  }
}

/** Takes in runs from such files. */
export async function openRuns(files: readonly File[]): Promise<void> {
  let problem: string | undefined;
  for (const file of files) {
    try {
      const { run, log, moments, snapshot } = await readRunFile(file, crypto.randomUUID());
      await runLibrary().insert(run, { log, moments }, snapshot);
    } catch (error) {
      problem = sayProblem(error);
    }
  }
  await refreshRuns();
  runsStore.setState({ problem });
}
