import type { ByteSource, FileSet } from '../formats/byteSource';
import { isFileSet } from '../formats/recognise';

type Split = 'dev' | 'val' | 'test';

/** Names of splits, and what they serve for: train gives shots as dev does. */
const SPLITS: Readonly<Record<string, Split>> = {
  dev: 'dev',
  train: 'dev',
  val: 'val',
  validation: 'val',
  test: 'test',
};

/** The files of one task. */
export interface TaskFiles {
  /** Name of the file without split and ending; '' where nothing is left. */
  readonly task: string;
  readonly questions: ByteSource;
  /** The split that the questions are from, as far as the name says. */
  readonly split: Split | undefined;
  /** Where shots come from, when that is another file. */
  readonly pool: ByteSource | undefined;
}

interface NamedFile {
  readonly task: string;
  readonly split: Split | undefined;
  readonly file: ByteSource;
}

/**
 * Sorts the CSV, JSON and JSON Lines files of a folder into tasks, in the order of their names; of other files nothing
 * is said. The keys of the folder's files may have `dev/`, `val/`, `test/` in front. A single file is its own task; its
 * dev file is looked for in `beside`.
 */
export function groupFiles(source: ByteSource | FileSet, beside: FileSet | undefined): readonly TaskFiles[] {
  if (!isFileSet(source)) {
    const own = nameParts(source.name, source);
    const others = own.split === 'test' || own.split === 'val' ? namedFiles(beside) : [];
    return [taskFiles(own, others)];
  }
  const groups = new Map<string, NamedFile[]>();
  for (const named of namedFiles(source)) {
    // Files without a split are tasks of their own even where only their endings differ.
    const key = named.split === undefined ? named.file.name : `${named.task}/${ending(named.file)}`;
    groups.set(key, [...(groups.get(key) ?? []), named]);
  }
  return Array.from(groups.values(), (group): TaskFiles[] => {
    const asked = ['test', 'val', 'dev', undefined].flatMap((split) =>
      group.filter((named) => named.split === split),
    )[0];
    return asked === undefined ? [] : [taskFiles(asked, group)];
  }).flat();
}

function namedFiles(files: FileSet | undefined): readonly NamedFile[] {
  return Array.from(files?.files ?? [], ([key, file]) => nameParts(key, file))
    .filter(({ file }) => /\.(csv|json|jsonl|ndjson)$/i.test(file.name))
    .sort((a, b) => (a.task < b.task ? -1 : a.task > b.task ? 1 : 0));
}

/** `dev/anatomy.csv`, `anatomy_dev.csv` and `dev/anatomy_dev.csv` are all the dev split of anatomy. */
function nameParts(key: string, file: ByteSource): NamedFile {
  const [, folder = '', stem = ''] = /^(?:(.*)\/)?([^/]*?)(?:\.[^./]*)?$/.exec(key) ?? [];
  const [, task, split = ''] = /^(?:(.*)[_-])?(dev|val|validation|test|train)$/i.exec(stem) ?? [];
  const known = SPLITS[split.toLowerCase()];
  return known === undefined
    ? { task: stem, split: SPLITS[folder.toLowerCase()], file }
    : { task: task ?? '', split: known, file };
}

function taskFiles(asked: NamedFile, others: readonly NamedFile[]): TaskFiles {
  const { task, split, file } = asked;
  const fits = (other: NamedFile): boolean =>
    other.split === 'dev' && other.task === task && ending(other.file) === ending(file);
  return { task, split, questions: file, pool: split === 'dev' ? undefined : others.find(fits)?.file };
}

function ending({ name }: ByteSource): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase();
}
