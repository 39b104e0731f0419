import { UserError } from '../config/errors';
import { memorySource, type ByteSource, type FileSet } from '../engine/formats/byteSource';
import { trainingRecords } from '../scenarios/records';
import type { Scenario } from '../scenarios/scenario';
import { findScenario } from '../scenarios/table';
import { unreachable, type FileSource } from './protocol';

/** The files that the page points at, as the engine reads them. Dropped files are read piece by piece. */
export async function openSource(source: FileSource): Promise<FileSet> {
  const list = await openFiles(source);
  return { name: source.name, files: new Map(list.map((file) => [file.name, file])) };
}

async function openFiles(source: FileSource): Promise<readonly ByteSource[]> {
  switch (source.kind) {
    case 'files':
      return source.files.map(blobSource);
    case 'urls':
      return await Promise.all(source.urls.map(fetchSource));
    case 'scenario':
      return [recordsSource(scenarioOf(source.id))];
    default:
      return unreachable(source);
  }
}

/**
 * The scenario of that id.
 *
 * @throws UserError where there is none
 */
export function scenarioOf(id: string): Scenario {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new UserError(id, 'there is no such scenario', 'choose another');
  return scenario;
}

/** The training records as the file, of the scenario's name, that `masa train --scenario` reads as well. */
function recordsSource(scenario: Scenario): ByteSource {
  return memorySource(scenario.id, new TextEncoder().encode(trainingRecords(scenario)));
}

/**
 * The one file of a source that is meant to be a data set.
 *
 * @throws UserError where there is none or more than one
 */
export async function openSingle(source: FileSource): Promise<ByteSource> {
  const files = [...(await openSource(source)).files.values()];
  const [file] = files;
  if (file === undefined) throw new UserError(source.name, 'there is no file in it', 'choose one data file');
  if (files.length > 1) {
    throw new UserError(
      source.name,
      `it holds ${files.length} files`,
      'choose the one data file to learn from',
    );
  }
  return file;
}

function blobSource(file: File): ByteSource {
  return {
    name: file.name,
    size: file.size,
    read: async (offset, length) => {
      if (offset < 0 || length < 0 || offset + length > file.size) {
        throw new RangeError(`${file.name}: read past the end of the file`);
      }
      try {
        return new Uint8Array(await file.slice(offset, offset + length).arrayBuffer());
      } catch {
        throw new UserError(
          file.name,
          'it can no longer be read',
          'choose it again, it was moved or changed',
        );
      }
    },
  };
}

async function fetchSource(url: string): Promise<ByteSource> {
  const name = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? url);
  const response = await fetch(url).catch(() => undefined);
  if (response?.ok !== true) {
    const reason = response === undefined ? 'the page’s server does not answer' : `status ${response.status}`;
    throw new UserError(name, `it could not be fetched (${reason})`, 'reload the page');
  }
  return memorySource(name, new Uint8Array(await response.arrayBuffer()));
}
