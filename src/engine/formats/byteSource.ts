/** Random access to the bytes of one file, wherever it lies (disk, File, network cache, memory). */
export interface ByteSource {
  /** File name as shown in messages. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /** Bytes [offset, offset + length); throws if the range leaves the file. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** The files of one folder (or of one drop), by base name. */
export interface FileSet {
  /** Folder name as shown in messages. */
  readonly name: string;
  readonly files: ReadonlyMap<string, ByteSource>;
}

/** A ByteSource over bytes already in memory. */
export function memorySource(name: string, bytes: Uint8Array<ArrayBuffer>): ByteSource {
  return {
    name,
    size: bytes.byteLength,
    read: (offset, length) => {
      if (offset < 0 || length < 0 || offset + length > bytes.byteLength) {
        return Promise.reject(new RangeError(`${name}: read past the end of the file`));
      }
      return Promise.resolve(bytes.subarray(offset, offset + length));
    },
  };
}
