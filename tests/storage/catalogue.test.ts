import { describe, expect, it } from 'vitest';
import { parseCatalogue } from '../../src/storage/catalogue';

const BASE = 'http://localhost:1234/play/';
const INDEX = [
  { name: 'world-medium', files: [{ name: 'model.safetensors', size: 5000 }] },
  {
    name: 'world-small',
    files: [
      { name: 'config.json', size: 10 },
      { name: 'model.safetensors', size: 500 },
    ],
  },
];

describe('the catalogue of bundled models', () => {
  it('knows where their files lie beside the page', () => {
    const { models } = parseCatalogue(INDEX, BASE);
    expect(models[0]?.source).toEqual({
      kind: 'urls',
      name: 'world-small',
      urls: [`${BASE}models/world-small/config.json`, `${BASE}models/world-small/model.safetensors`],
    });
  });

  it('names the smallest first', () => {
    expect(parseCatalogue(INDEX, BASE).models.map(({ name }) => name)).toEqual([
      'world-small',
      'world-medium',
    ]);
    expect(parseCatalogue([], BASE).models).toEqual([]);
  });

  it.each([undefined, null, {}, [null], [{ name: 'x' }], [{ name: 'x', files: [{ name: 'y' }] }]])(
    'is refused with one sentence where the index is %j',
    (index) => {
      expect(() => parseCatalogue(index, BASE)).toThrow(/^models\/index\.json: .+; reload the page.+\.$/);
    },
  );
});
