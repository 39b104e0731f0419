import { join } from 'node:path';
import type { JobOutcome, JobStore } from '../compare/queue';
import { isJsonObject, readOptionalJson } from '../engine/formats/jsonFile';
import { makeFolder, namesIn, writeWhole } from './disk';
import { openFolder } from './files';

/** What a job leaves in its folder when it is done. */
const OUTCOME = 'result.json';

/** The folder of a sweep: one folder a run below `runs`, and the exports beside them. */
export class SweepFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The folder of one run. */
  run(id: string): string {
    return join(this.path, 'runs', id);
  }

  /** Outcomes of jobs as files; one that cannot be read counts as none, and the job is done again. */
  store<Result extends object>(): JobStore<Result> {
    return {
      read: async (id) => {
        const folder = this.run(id);
        if (!(await namesIn(folder)).includes(OUTCOME)) return undefined;
        const outcome = await readOptionalJson(await openFolder(folder), OUTCOME).catch(() => undefined);
        return isOutcome<Result>(outcome) ? outcome : undefined;
      },
      write: async (id, outcome) => {
        await makeFolder(this.run(id));
        await writeWhole(join(this.run(id), OUTCOME), `${JSON.stringify(outcome, null, 2)}\n`);
      },
    };
  }

  /** Writes one of the exports. */
  async write(name: string, content: string): Promise<void> {
    await makeFolder(this.path);
    await writeWhole(join(this.path, name), content);
  }
}

/** Only this program writes such files, whole or not at all; what is in them is trusted. */
function isOutcome<Result>(value: unknown): value is JobOutcome<Result> {
  if (!isJsonObject(value)) return false;
  if (value['status'] === 'failed') return typeof value['sentence'] === 'string';
  return value['status'] === 'finished' && isJsonObject(value['result']);
}
