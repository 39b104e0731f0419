import type { FileSource } from '../worker/protocol';

/** Suffixes that only a checkpoint has. `.json` may be a data set, so it does not decide. */
const MODEL_FILE = /\.(safetensors|bin|gguf|pt|pth)$|^(config|tokenizer)\.json$|\.index\.json$/i;

/** Whether files that were dropped anywhere are a checkpoint or a data set; the engine looks at the content later. */
export function guessKind(names: readonly string[]): 'model' | 'data' {
  return names.some((name) => MODEL_FILE.test(name)) ? 'model' : 'data';
}

/** The source for chosen files: named after their folder where they come from one, else after the main file. */
export function sourceOf(files: readonly File[]): FileSource {
  const folder = files[0]?.webkitRelativePath.split('/')[0];
  return { kind: 'files', name: folder === undefined || folder === '' ? mainName(files) : folder, files };
}

/** The files of a drop; folders are read one level deep, as checkpoints are flat. */
export async function droppedSource(transfer: DataTransfer): Promise<FileSource> {
  // Entries must be asked for before the first await: the list is emptied when the event is over.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const files = [...transfer.files];
  const folder = entries.find((entry) => entry?.isDirectory === true);
  if (folder === undefined || folder === null) return { kind: 'files', name: mainName(files), files };
  return { kind: 'files', name: folder.name, files: await filesIn(folder as FileSystemDirectoryEntry) };
}

function mainName(files: readonly File[]): string {
  const largest = [...files].sort((a, b) => b.size - a.size)[0];
  return largest?.name ?? 'nothing';
}

async function filesIn(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    // A reader hands out a folder in batches; an empty one is the end.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (batch.length === 0) break;
    entries.push(...batch);
  }
  const files = entries.filter((entry) => entry.isFile) as FileSystemFileEntry[];
  return Promise.all(
    files.map(
      (entry) =>
        new Promise<File>((resolve, reject) => {
          entry.file(resolve, reject);
        }),
    ),
  );
}

/** Hands a file to the browser to save. */
export function saveFile(
  name: string,
  content: Uint8Array<ArrayBuffer> | string,
  type = 'application/zip',
): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the data once the click has been handled.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}
