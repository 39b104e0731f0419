import { memorySource, type ByteSource, type FileSet } from '../../src/engine/formats/byteSource';

/** A file in memory: text, bytes, or an object to be written as JSON. */
export type FileContent = string | Uint8Array<ArrayBuffer> | object;

export function fileSource(name: string, content: FileContent): ByteSource {
  if (content instanceof Uint8Array) return memorySource(name, content);
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return memorySource(name, new TextEncoder().encode(text));
}

/** A folder in memory. */
export function fileSet(files: Readonly<Record<string, FileContent>>, name = 'folder'): FileSet {
  return {
    name,
    files: new Map(Object.entries(files).map(([file, content]) => [file, fileSource(file, content)])),
  };
}
