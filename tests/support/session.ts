import { unzipSync } from 'fflate';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { vi } from 'vitest';
import { defaultRunConfig } from '../../src/config/defaults';
import type { RunConfig } from '../../src/config/runConfig';
import { trainingRecords } from '../../src/scenarios/records';
import { findScenario } from '../../src/scenarios/table';
import type { Command, ExportFile, FileSource, RunEvent } from '../../src/worker/protocol';
import { Session } from '../../src/worker/session';
import { createFakeEngine } from './fakeEngine';

const PUBLIC = join(import.meta.dirname, '../../public');
export const MODEL = filesIn(join(PUBLIC, 'models/world-small'));
/** The data that a page begins with, and as much of it as most tests need, as a file. */
export const CLERK: FileSource = { kind: 'scenario', id: 'clerk', name: 'clerk' };
const CLERK_LINES = trainingRecords({ ...findScenario('clerk')!, records: 200 });
export const DATA = textSource('clerk.jsonl', CLERK_LINES);
export const RUN: RunConfig = { ...defaultRunConfig(8, true), max_steps: 6, eval_steps: 2, save_steps: 3 };
const PROMPT = 'Write the card of Tom.';

/** A session with model and data, whose events are collected. */
export async function ready(data = DATA) {
  const fake = createFakeEngine(40);
  const events: RunEvent[] = [];
  const session = new Session(fake.engine, {} as GPU, (event) => events.push(event));
  const handle = (command: Command) => session.handle(command);
  await handle({ type: 'loadModel', source: MODEL });
  await handle({ type: 'loadData', source: data });
  const train = (settings: Partial<RunConfig> = {}, runId = 1) =>
    handle({ type: 'train', runId, run: { ...RUN, ...settings }, prompt: PROMPT });
  return { session, handle, train, events, fake, calls: fake.calls };
}

/** Waits for an event of that kind. */
export async function seen(
  events: RunEvent[],
  test: (event: RunEvent) => boolean,
  times = 1,
): Promise<RunEvent> {
  return await vi.waitFor(
    () => {
      const found = events.filter(test)[times - 1];
      if (found === undefined) throw new Error('not yet');
      return found;
    },
    { timeout: 20_000, interval: 5 },
  );
}

/** Waits for the end of a run. */
export function finished(events: RunEvent[], times = 1): Promise<RunEvent> {
  return seen(events, (event) => event.type === 'done' || event.type === 'failed', times);
}

/** The files of an export, and the lines of its log. */
export async function unzipped(handle: (command: Command) => Promise<unknown>) {
  const { bytes, name, usage } = (await handle({ type: 'export', runId: 1 })) as ExportFile;
  const files = unzipSync(bytes);
  const log = text(files['metrics.jsonl'])
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number });
  return { files, log, name, usage };
}

export function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

function filesIn(folder: string): FileSource {
  return { ...source(readdirSync(folder).map((name) => join(folder, name))), name: basename(folder) };
}

function source(paths: string[]): FileSource {
  const files = paths.map((path) => new File([readFileSync(path)], basename(path)));
  return { kind: 'files', name: files[0]?.name ?? '', files };
}

/** A file of that text, as if it had been chosen. */
export function textSource(name: string, content: string): FileSource {
  return { kind: 'files', name, files: [new File([content], name)] };
}
