import { UserError } from '../config/errors';
import { readDataset } from '../engine/data/dataset';
import { describeDataset } from '../engine/data/describe';
import type { ByteSource } from '../engine/formats/byteSource';
import { inspect, type Inspection } from '../engine/formats/inspect';
import { refuseLfsPointer } from '../engine/formats/lfsPointer';
import { isFileSet } from '../engine/formats/recognise';
import type { CommandSpec } from './commandSpec';
import { openBeside, openPath } from './files';
import type { Outcome } from './io';

/** `masa inspect`: what a path holds. Broken things are refused, those that cannot be used yet are described. */
export const inspectCommand: CommandSpec = {
  name: 'inspect',
  summary: 'says what a checkpoint, an adapter or a data file is',
  argument: { key: 'path', value: 'PATH', hint: 'file or folder' },
  flags: [],
  async run(flags) {
    const path = flags.required('path');
    const source = await openPath(path);
    const found = await inspect(source, isFileSet(source) ? undefined : await openBeside(path));
    if (found !== undefined) return describe(found);
    if (!isFileSet(source)) {
      return isTable(source) ? await describeTable(source) : describeData(await readDataset(source), source);
    }
    throw new UserError(
      path,
      'there is no checkpoint and no adapter in this folder',
      'give a data file by its own path, or the folder of a checkpoint or an adapter',
    );
  },
};

function describe({ kind, name, summary, details, problems, usable }: Inspection): Outcome {
  return {
    document: { kind, name, usable, summary, problems, ...details },
    text: [`${name}: ${summary}`, ...problems.map((problem) => `  ${problem}`)].join('\n'),
  };
}

function isTable({ name }: ByteSource): boolean {
  return /\.(csv|tsv)$/i.test(name);
}

/** A kind of data that is known and cannot be used yet. */
async function describeTable(source: ByteSource): Promise<Outcome> {
  const { name, size } = source;
  await refuseLfsPointer(source);
  if (size === 0) throw new UserError(name, 'the file is empty', 'give a file with some text in it');
  const summary = `Table of ${size} bytes; it cannot be used yet.`;
  const problem = 'tables (CSV, TSV) cannot be used yet: save the table as JSON Lines';
  return {
    document: { kind: 'table', name, usable: false, summary, problems: [problem], bytes: size },
    text: `${name}: ${summary}\n  ${problem}`,
  };
}

function describeData({ summary }: Awaited<ReturnType<typeof readDataset>>, { size }: ByteSource): Outcome {
  const lines = describeDataset(summary);
  const { name, container, unit, formats, tasks, records, skipped, problems } = summary;
  return {
    document: {
      kind: 'data',
      name,
      usable: true,
      summary: lines[0] ?? '',
      problems: problems.map(({ at, reason }) => `${unit} ${at}: ${reason}`),
      container,
      bytes: size,
      records,
      skipped,
      formats: Object.fromEntries(formats),
      tasks: Object.fromEntries(tasks),
    },
    text: [`${name}: ${lines[0] ?? ''}`, ...lines.slice(1).map((line) => `  ${line}`)].join('\n'),
  };
}
