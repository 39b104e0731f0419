import { describe, expect, it } from 'vitest';
import { guessKind, sourceOf } from '../../src/storage/localFiles';

describe('files that are dropped anywhere', () => {
  it('are a checkpoint where one of them can only belong to one', () => {
    expect(guessKind(['README.md', 'config.json', 'model.safetensors'])).toBe('model');
    expect(guessKind(['stories260K.bin', 'tok512.bin'])).toBe('model');
    expect(guessKind(['model-00001-of-00002.safetensors'])).toBe('model');
  });

  it('are a data set otherwise', () => {
    expect(guessKind(['alpaca.json'])).toBe('data');
    expect(guessKind(['train.jsonl'])).toBe('data');
    expect(guessKind(['story.txt'])).toBe('data');
  });
});

describe('chosen files', () => {
  it('are named after their folder, else after the largest of them', () => {
    const file = (name: string, size: number, path = '') =>
      ({ name, size, webkitRelativePath: path }) as unknown as File;
    expect(sourceOf([file('config.json', 9, 'tiny/config.json')]).name).toBe('tiny');
    expect(sourceOf([file('tok.bin', 9), file('stories.bin', 99)]).name).toBe('stories.bin');
  });
});
