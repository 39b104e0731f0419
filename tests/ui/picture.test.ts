import { expect, it } from 'vitest';
import { defaultRunConfig } from '../../src/config/defaults';
import { MODULES } from '../../src/config/modules';
import type { RunConfig } from '../../src/config/runConfig';
import { trainableWeights } from '../../src/engine/adapters/budget';
import { adapterLayout } from '../../src/engine/adapters/layout';
import { METHODS } from '../../src/engine/adapters/registry';
import { linearShape } from '../../src/engine/model/tensorShapes';
import { blockKey, layOut, MOST_BARS, type Picture, type PictureBlock } from '../../src/ui/picture/geometry';
import { blockAt, blockUnder, firstPlace, placeAfter, placeOf } from '../../src/ui/picture/places';
import { sizesOf } from '../../src/ui/picture/sizes';
import { blockColour, blockNorm, strength, tensorNames } from '../../src/ui/picture/tint';
import { addedTerms, blockFacts, pictureSentence, type Subject } from '../../src/ui/picture/words';
import { tinyConfig } from '../support/tinyModel';

const CASES: readonly Partial<RunConfig>[] = [
  { method: 'lora' },
  { method: 'masa', num_experts: 2, group_size: 3 },
  { method: 'masa', num_experts: 9, group_size: 4, expert_mix: 'mean' },
  { method: 'masa', num_experts: 3, group_size: 2, expert_mix: 'router' },
  { method: 'hydralora', num_experts: 4, target_modules: ['v_proj'] },
  { method: 'lora_moe', num_experts: 64 },
];

function subjectOf(changes: Partial<RunConfig>, layers = 8): Subject & { readonly run: RunConfig } {
  const run = { ...defaultRunConfig(layers), ...changes };
  const config = { ...tinyConfig, layers };
  return { block: METHODS[run.method].block(run), config, r: run.r, targets: run.target_modules, run };
}

function drawn(subject: Subject, width = 700): Picture {
  return layOut(subject.block, subject.config.layers, subject.targets, width);
}

/** Blocks of one line of one module, by layer. */
function line(picture: Picture, module: string, number: number): readonly PictureBlock[] {
  return picture.blocks.filter((block) => block.module === module && block.line === number);
}

it.each(CASES)('every weight of %o is in one block', (changes) => {
  const subject = subjectOf(changes);
  const { blocks } = drawn(subject);
  const trained = blocks.filter(({ part }) => part !== 'W');
  const sum = (of: readonly PictureBlock[]) =>
    of.reduce((total, block) => total + blockFacts(subject, block).weights, 0);
  expect(sum(trained)).toBe(trainableWeights(subject.run, subject.config));
  const frozen = MODULES.reduce((total, module) => {
    const [out, input] = linearShape(subject.config, module);
    return total + out * input * subject.config.layers;
  }, 0);
  expect(sum(blocks.filter(({ part }) => part === 'W'))).toBe(frozen);
});

it.each(CASES)('the blocks of %o stand for its tensors, each once', (changes) => {
  const subject = subjectOf(changes);
  const names = drawn(subject).blocks.flatMap((block) => tensorNames(block, subject.block));
  const { tensors } = adapterLayout(subject.run, subject.config);
  expect(names.toSorted()).toEqual(tensors.map(({ name }) => name).toSorted());
});

it.each(
  CASES.flatMap((changes) =>
    [200, 222, 1800].flatMap((width) => [4, 32].map((layers) => ({ changes, width, layers }))),
  ),
)(
  'no two blocks of $changes overlap at $width pixels and $layers layers, and all lie inside',
  ({ changes, width, layers }) => {
    const picture = drawn(subjectOf(changes, layers), width);
    const { blocks, rows, height } = picture;
    const outside = blocks.filter(
      (block) =>
        !(block.width > 0 && block.height > 0) ||
        block.x + block.width > width ||
        block.y + block.height > height,
    );
    expect(outside).toEqual([]);
    const overlapping = rows.flatMap(({ module }) => {
      const own = blocks.filter((block) => block.module === module);
      return own.filter((block, index) => {
        const next = own[index + 1]; // blocks come line by line, and by layer
        if (next === undefined) return false;
        if (next.line === block.line) return next.x < block.x + block.width;
        return next.y < block.y + block.height;
      });
    });
    expect(overlapping).toEqual([]);
  },
);

it('an A reaches over the layers that share it, and the last group may be shorter', () => {
  const picture = drawn(subjectOf({ method: 'masa', num_experts: 2, group_size: 3 }));
  const shared = line(picture, 'q_proj', 0);
  expect(shared.map(({ layers }) => layers)).toEqual([
    [0, 2],
    [3, 5],
    [6, 7],
  ]);
  const b = line(picture, 'q_proj', 2);
  expect(b.map(({ part }) => part)).toEqual(Array.from({ length: 8 }, () => 'B'));
  expect(shared[1]!.x).toBe(b[3]!.x);
  expect(shared[1]!.x + shared[1]!.width).toBeCloseTo(b[5]!.x + b[5]!.width, 9); // one sum of f64 and another
});

it('of many experts the last bar stands for the rest', () => {
  const subject = subjectOf({ method: 'lora_moe', num_experts: 64 });
  const picture = drawn(subject);
  const rest = blockAt(picture, { layer: 3, module: 'o_proj', part: 'B', expert: 40 })!;
  expect([rest.expert, rest.count]).toEqual([MOST_BARS - 1, 64 - MOST_BARS + 1]);
  expect(blockFacts(subject, rest).name).toBe('B₅ to B₆₄ of o_proj');
});

it('the arrow keys reach every block from the first', () => {
  const picture = drawn(subjectOf({ method: 'masa', num_experts: 3, group_size: 3, expert_mix: 'router' }));
  const start = firstPlace(picture);
  const seen = new Set<string>();
  const open = [{ block: blockAt(picture, start)!, layer: start.layer }];
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    const key = `${blockKey(from.block)} from ${from.layer}`;
    if (seen.has(key)) continue;
    seen.add(key);
    for (const arrow of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) {
      const next = placeAfter(picture, from.block, from.layer, arrow);
      if (next !== undefined) open.push({ block: blockAt(picture, next)!, layer: next.layer });
    }
  }
  expect(new Set([...seen].map((key) => key.replace(/ from .*/, ''))).size).toBe(picture.blocks.length);
});

it('Home, End and the page keys go to the ends and to the next module', () => {
  const picture = drawn(subjectOf({ method: 'masa', num_experts: 2, group_size: 3 }));
  const from = blockAt(picture, { layer: 4, module: 'k_proj', part: 'B', expert: 0 })!;
  const after = (key: string) => placeAfter(picture, from, 4, key);
  expect(after('Home')).toMatchObject({ layer: 0, module: 'k_proj', part: 'B' });
  expect(after('End')).toMatchObject({ layer: 7, module: 'k_proj', part: 'B' });
  expect(after('PageUp')).toMatchObject({ layer: 4, module: 'q_proj', part: 'B' });
  expect(after('PageDown')).toMatchObject({ layer: 4, module: 'v_proj', part: 'B' });
  expect(after('x')).toBeUndefined();
});

it('a place that a smaller model or another method lacks leads to the nearest block', () => {
  const picture = drawn(subjectOf({ method: 'lora', target_modules: ['v_proj'] }, 4));
  const found = blockAt(picture, { layer: 30, module: 'v_proj', part: 'A', expert: 7 })!;
  expect(found).toMatchObject({ part: 'A', layers: [3, 3], expert: 0 });
  expect(blockAt(picture, { layer: 0, module: 'q_proj', part: 'router', expert: 0 })).toMatchObject({
    part: 'W',
  });
  expect(placeOf(found, 30).layer).toBe(3);
});

it('the pointer finds the block under it, also between the thin ones, and nothing beside the picture', () => {
  const picture = drawn(subjectOf({ method: 'lora_moe', num_experts: 6 }, 32), 256);
  const missed = picture.blocks.filter(
    (block) => blockUnder(picture, block.x + block.width / 2, block.y + block.height / 2)?.block !== block,
  );
  expect(missed).toEqual([]);
  expect(blockUnder(picture, 10, 60)).toBeUndefined();
  expect(blockUnder(picture, 300, 60)).toBeUndefined();
});

it('one sentence says what one sees', () => {
  const say = (changes: Partial<RunConfig>) => pictureSentence(subjectOf(changes), 61440, 2_900_000);
  const end = ': 61,440 weights train, 2.1 % of the model.';
  expect(say({ method: 'lora' })).toBe(
    `8 layers; in every module each has its own pair of small matrices A and B${end}`,
  );
  expect(say({ method: 'masa', num_experts: 4, group_size: 4 })).toBe(
    `8 layers in 2 groups of 4; in every module a group shares 4 A’s, whose outputs are added; every layer has its own B${end}`,
  );
  expect(say({ method: 'masa', num_experts: 1, group_size: 3, target_modules: ['q_proj', 'v_proj'] })).toBe(
    `8 layers in 3 groups of 3 (the last of 2); in 2 of the 7 modules a group shares one A; every layer has its own B${end}`,
  );
  expect(say({ method: 'masa', num_experts: 2, group_size: 1, expert_mix: 'router' })).toBe(
    `8 layers; in every module each has 2 A’s, which a router in each layer weighs for each token, and one B${end}`,
  );
  expect(say({ method: 'masa', num_experts: 2, group_size: 8, expert_mix: 'mean' })).toContain(
    '8 layers in one group; in every module a group shares 2 A’s, whose mean is taken',
  );
  expect(say({ method: 'hydralora', num_experts: 4 })).toContain(
    'one A, 4 B’s and a router that weighs the B’s',
  );
  expect(say({ method: 'lora_moe', num_experts: 3 })).toContain('3 pairs of A and B and a router');
});

it('the equation has the symbols of the method', () => {
  const symbols = (changes: Partial<RunConfig>) =>
    addedTerms(subjectOf(changes).block)
      .terms.map(({ text, indexed }) => (indexed === true ? `${text}i` : text))
      .join(' ');
  expect(symbols({ method: 'lora' })).toBe('s B A x');
  expect(symbols({ method: 'masa', num_experts: 2 })).toBe('s B Σi Ai x');
  expect(symbols({ method: 'masa', num_experts: 2, expert_mix: 'mean' })).toBe('s B 1/E Σi Ai x');
  expect(symbols({ method: 'masa', num_experts: 2, expert_mix: 'router' })).toBe('s B Σi gi Ai x');
  expect(symbols({ method: 'hydralora', num_experts: 2 })).toBe('s Σi gi Bi A x');
  expect(symbols({ method: 'lora_moe', num_experts: 2 })).toBe('s Σi gi Bi Ai x');
});

it('colours tell groups apart, or experts where a router does', () => {
  const colour = (changes: Partial<RunConfig>, part: 'A' | 'B', layer: number, expert: number) =>
    blockColour(subjectOf(changes).block, { part, layers: [layer, layer], expert });
  const masa = { method: 'masa', num_experts: 2, group_size: 2 } as const;
  expect(colour(masa, 'A', 0, 0)).toBe(colour(masa, 'B', 1, 0));
  expect(colour(masa, 'A', 0, 0)).toBe(colour(masa, 'A', 1, 1));
  expect(colour(masa, 'A', 0, 0)).not.toBe(colour(masa, 'A', 2, 0));
  const moe = { method: 'lora_moe', num_experts: 2 } as const;
  expect(colour(moe, 'A', 0, 1)).toBe(colour(moe, 'B', 5, 1));
  expect(colour(moe, 'A', 0, 0)).not.toBe(colour(moe, 'A', 0, 1));
});

it('a colour is a third weaker for each power of ten, and nothing for nothing', () => {
  expect(strength(2, 2)).toBe(1);
  expect(strength(0.2, 2)).toBeCloseTo(2 / 3, 12); // rounding of log10
  expect(strength(2e-9, 2)).toBe(0);
  expect([strength(0, 2), strength(0, 0), strength(NaN, 2), strength(1, NaN)]).toEqual([0, 0, 0, 0]);
});

it('the norm of a bar that stands for several is that of all of them', () => {
  const norms = new Map(['a', 'b'].map((name, at) => [name, { name, gradient: 3 + at, update: 0 }]));
  expect(blockNorm(['a', 'b'], norms, 'gradient')).toBe(5);
  expect(blockNorm(['a', 'c'], norms, 'gradient')).toBeUndefined();
});

it('sizes are drawn for the run on the page, and only where the picture has its shape', () => {
  const subject = subjectOf({ method: 'masa', num_experts: 2, group_size: 3 });
  const picture = drawn(subject);
  const { tensors } = adapterLayout(subject.run, subject.config);
  const byName = new Map(tensors.map(({ name }, at) => [name, { name, gradient: at, update: 1 }]));
  const state = { tint: 'gradient', norms: { runId: 1, step: 9, byName } } as const;
  const run = { runId: 1, settings: subject.run };
  const sizes = sizesOf(state, run, picture, subject, subject.run);
  expect(sizes.largest?.norm).toBe(tensors.length - 1);
  expect(sizes.strengths?.get(blockKey(sizes.largest!.block))).toBe(1);
  expect(sizes.strengths?.get(blockKey(picture.blocks[0]!))).toBe(0); // the first tensor has no gradient
  const slower = { ...subject.run, learning_rate: 1e-5 };
  expect(sizesOf(state, run, picture, subject, slower).strengths).toEqual(sizes.strengths);
  const wider = { ...subject.run, r: 64 };
  expect(sizesOf(state, run, picture, subject, wider)).toMatchObject({ strengths: undefined, ofOther: true });
  expect(sizesOf(state, { ...run, runId: 2 }, picture, subject, subject.run)).toMatchObject({
    strengths: undefined,
    ofOther: false,
  });
});
