import { afterEach, describe, expect, it, vi } from 'vitest';
import { openSingle, openSource } from '../../src/worker/sources';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('dropped files', () => {
  it('are read piece by piece', async () => {
    const file = new File(['hello world'], 'note.txt');
    const { files } = await openSource({ kind: 'files', name: 'note.txt', files: [file] });
    const source = files.get('note.txt')!;
    expect(source.size).toBe(11);
    expect(new TextDecoder().decode(await source.read(6, 5))).toBe('world');
    await expect(source.read(6, 6)).rejects.toThrow(RangeError);
  });

  it('say so when they were changed after they were chosen', async () => {
    const file = new File(['hello'], 'note.txt');
    file.slice = () =>
      ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) }) as Blob;
    const source = await openSingle({ kind: 'files', name: 'note.txt', files: [file] });
    await expect(source.read(0, 5)).rejects.toThrow('note.txt: it can no longer be read; choose it again');
  });

  it('are one where one is needed', async () => {
    await expect(openSingle({ kind: 'files', name: 'empty', files: [] })).rejects.toThrow(/there is no file/);
  });
});

describe('files beside the page', () => {
  it('are fetched whole', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('abc')));
    const { name, files } = await openSource({
      kind: 'urls',
      name: 'm',
      urls: ['http://page/models/m/a%20b.json'],
    });
    expect(name).toBe('m');
    expect(new TextDecoder().decode(await files.get('a b.json')!.read(0, 3))).toBe('abc');
  });

  it.each([
    ['missing', () => Promise.resolve(new Response('', { status: 404 })), 'status 404'],
    ['out of reach', () => Promise.reject(new TypeError('network')), 'does not answer'],
  ])('are named when they are %s', async (_case, answer, reason) => {
    vi.stubGlobal('fetch', answer);
    await expect(
      openSource({ kind: 'urls', name: 'm', urls: ['http://page/m/config.json'] }),
    ).rejects.toThrow(new RegExp(`^config\\.json: .*${reason}.*; reload the page\\.$`));
  });
});
