import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { bundledModel } from '../../src/cli/scenario';
import { trainingRecords } from '../../src/scenarios/records';
import { findScenario } from '../../src/scenarios/table';
import { masa, masaJson, refusal, temporaryFolder } from '../support/cli';
import { describeGpu } from '../support/dawn';
import { hasSharedData, sharedData } from '../support/sharedData';

interface TaskRow {
  readonly id: string;
  readonly n: number;
  readonly acc: number;
  readonly acc_norm: number | null;
  readonly chance: number | null;
  readonly ci: readonly [number, number];
}

const tasksOf = async (argv: readonly string[]) => (await masaJson(argv))['tasks'] as TaskRow[];

function expectSound({ n, acc, ci: [low, high] }: TaskRow): void {
  expect(low).toBeGreaterThanOrEqual(0);
  expect(low).toBeLessThanOrEqual(acc);
  expect(high).toBeGreaterThanOrEqual(acc);
  expect(high).toBeLessThanOrEqual(1);
  expect(Number.isInteger(Math.round(acc * n * 1e9) / 1e9)).toBe(true);
}

describeGpu('a scenario', () => {
  const folder = temporaryFolder();
  const path = (name: string, file = '') => join(folder, name, file);
  const model = bundledModel('world-small');
  const scenario = ['--scenario', 'clerk', '--model', model];
  const short = ['--max_steps', '3', '--eval_steps', '2', '--kernels', 'usual'];
  const snapshotOf = (run: string) => readFileSync(path(run, 'snapshot.safetensors'));
  const pointsOf = (run: string) =>
    readFileSync(path(run, 'metrics.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  let said: string;

  beforeAll(async () => {
    const { code, out, err } = await masa(['train', ...scenario, ...short, '--out', path('run')]);
    expect([code, err.includes('software adapter')]).toEqual([0, false]);
    said = out;
  });

  test('is trained by name: its data, its defaults, and how to go on', () => {
    const clerk = findScenario('clerk')!;
    const record = JSON.parse(readFileSync(path('run', 'run.json'), 'utf8')) as Record<string, unknown>;
    expect(record).toMatchObject({
      scenario: 'clerk',
      config: { ...clerk.settings, max_steps: 3, eval_steps: 2 },
      base: { name: 'world-small' },
      data: { name: 'clerk', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string, columns: null },
    });
    const evaluation = `masa eval --scenario clerk --model ${model} --adapter ${path('run')} --task choice`;
    expect(said).toContain(evaluation.replaceAll('//', '/'));
  });

  test('is asked its watched questions where the validation loss is measured', () => {
    const points = pointsOf('run');
    expect(points.map((point) => ['val_loss' in point, 'acc' in point, 'acc_by_task' in point])).toEqual([
      [true, true, true],
      [false, false, false],
      [true, true, true],
      [true, true, true],
    ]);
    for (const { acc, acc_by_task } of points.filter((point) => 'acc' in point)) {
      expect(acc_by_task).toEqual({ clerk: acc });
    }
  });

  test('goes on where it was stopped, with the same data only', async () => {
    const call = ['train', ...scenario, ...short, '--out', path('halves')];
    expect((await masa(call, { interruptAt: 'step 2/3' })).code).toBe(130);
    const resumed = await masaJson(['train', ...scenario, '--resume', path('halves')]);
    expect(resumed).toMatchObject({ steps: 3, first_acc: pointsOf('run')[0]!['acc'] });
    expect(snapshotOf('halves').equals(snapshotOf('run'))).toBe(true);
    const other = [
      'train',
      '--scenario',
      'code',
      '--model',
      model,
      '--resume',
      path('run'),
      '--max_steps',
      '4',
    ];
    expect(await refusal(other)).toMatch(/^code: the run in .* learns from other data \(clerk\)/);
  });

  test('equals a run on a file with the same records: asking leaves the bits of a run alone', async () => {
    const { settings } = findScenario('clerk')!;
    const file = path('clerk.jsonl');
    writeFileSync(file, trainingRecords(findScenario('clerk')!));
    const flags = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)]);
    await masaJson(['train', '--model', model, '--data', file, ...flags, ...short, '--out', path('file')]);
    expect(pointsOf('file').some((point) => 'acc' in point)).toBe(false);
    expect(snapshotOf('file').equals(snapshotOf('run'))).toBe(true);
  });

  test('is asked with choices: acc, acc_norm, chance and interval by task', async () => {
    const argv = ['eval', ...scenario, '--adapter', path('run'), '--task', 'choice', '--limit', '4'];
    const [row, ...rest] = await tasksOf(argv);
    expect(rest).toEqual([]);
    expect(row).toMatchObject({ id: 'clerk', n: 4, chance: 1 / findScenario('clerk')!.tasks[0]!.choices });
    expect(Object.keys(row!)).toEqual(['id', 'n', 'acc', 'acc_norm', 'chance', 'ci']);
    expectSound(row!);
    expect(await tasksOf(argv)).toEqual([row]);
    const { out } = await masa(argv);
    expect(out).toMatch(/^task +n +acc +95 % interval +acc_norm +chance\nclerk +4 /);
    expect(out).toMatch(/The interval (lies|does not lie) above chance\.\n$/);
  });

  test('is asked the same in eval as while it is trained', async () => {
    const { watched } = findScenario('clerk')!;
    const argv = ['eval', ...scenario, '--task', 'choice', '--limit', String(watched)];
    const [trained] = await tasksOf([...argv, '--adapter', path('run')]);
    expect(trained?.acc).toBe(pointsOf('run').at(-1)?.['acc']);
    const [base] = await tasksOf(argv);
    expect(base?.acc).toBe(pointsOf('run')[0]?.['acc']);
  });

  test('writes its answers: exact match', async () => {
    const [row] = await tasksOf([
      'eval',
      ...scenario,
      '--adapter',
      path('run'),
      '--task',
      'exact',
      '--limit',
      '3',
    ]);
    expect(row).toMatchObject({ id: 'clerk', n: 3, acc_norm: null, chance: null });
    expectSound(row!);
  });

  test('has a loss by task', async () => {
    const argv = ['eval', '--scenario', 'domains', '--model', model, '--limit', '3'];
    const { loss, perplexity, tokens, tasks } = await masaJson(argv);
    const rows = tasks as { id: string; loss: number; perplexity: number; tokens: number }[];
    expect(rows.map(({ id }) => id)).toEqual(findScenario('domains')!.tasks.map(({ id }) => id));
    const total = rows.reduce((sum, row) => sum + row.tokens, 0);
    expect(tokens).toBe(total);
    // The same sum in another order of f64 additions.
    expect(loss).toBeCloseTo(rows.reduce((sum, row) => sum + row.loss * row.tokens, 0) / total, 12);
    expect(perplexity).toBe(Math.exp(loss as number));
    expect(new Set(rows.map((row) => row.loss)).size).toBe(rows.length);
  });
});

describeGpu('benchmark files', () => {
  const folder = temporaryFolder();
  const model = ['--model', sharedData('checkpoints/story-llama-hf')];
  const mmlu = sharedData('datasets/mmlu-dev');
  const bbh = sharedData('datasets/bbh');

  test.skipIf(!hasSharedData)('MMLU is asked by choice, with shots other than the item', async () => {
    const part = join(folder, 'mmlu');
    mkdirSync(part);
    for (const subject of ['anatomy', 'astronomy']) {
      copyFileSync(join(mmlu, `${subject}_dev.csv`), join(part, `${subject}_dev.csv`));
    }
    const argv = ['eval', ...model, '--data', part, '--task', 'choice', '--limit', '2', '--shots', '4'];
    const { out, err } = await masa([...argv, '--json']);
    expect(err).toMatch(/There is no test file; .*\n(.*\n)*2 of 4 prompts do not fit into the 512 positions/);
    const document = JSON.parse(out) as Record<string, unknown>;
    const rows = document['tasks'] as TaskRow[];
    expect(rows.map(({ id, n, chance }) => ({ id, n, chance }))).toEqual([
      { id: 'anatomy', n: 2, chance: 0.25 },
      { id: 'astronomy', n: 2, chance: 0.25 },
    ]);
    rows.forEach(expectSound);
    expect(document['group']).toMatchObject({ id: 'mmlu', n: 4, acc: (rows[0]!.acc + rows[1]!.acc) / 2 });
  });

  test.skipIf(!hasSharedData)('BBH is asked by choice and by exact match, of a single file', async () => {
    const argv = ['eval', ...model, '--data', join(bbh, 'navigate.json'), '--limit', '2'];
    const [choice, ...rest] = await tasksOf([...argv, '--task', 'choice']);
    expect(rest).toEqual([]);
    expect(choice).toMatchObject({ id: 'navigate', n: 2, chance: 0.5 });
    const freely = [...argv, '--task', 'exact', '--match', 'flexible', '--max_new_tokens'];
    const [exact] = await tasksOf([...freely, '8']);
    expect(exact).toMatchObject({ id: 'navigate', n: 2, chance: null, acc_norm: null });
    [choice, exact].forEach((row) => {
      expectSound(row!);
    });
    expect(await refusal([...freely, '9999'])).toMatch(/task navigate: its answers may take 9999 tokens/);
  });

  test.skipIf(!hasSharedData)('a file without questions is refused with one sentence', async () => {
    const text = sharedData('datasets/tinystories/tinystories_sample.txt');
    expect(await refusal(['eval', ...model, '--data', text, '--task', 'choice'])).toMatch(
      /tinystories_sample\.txt: no benchmark questions are recognised in it; give MMLU/,
    );
  });

  test.skipIf(!hasSharedData)('Ctrl-C ends it without an answer', async () => {
    const argv = ['eval', ...model, '--data', mmlu, '--task', 'choice', '--json'];
    const { code, out, err } = await masa(argv, { interruptAt: 'no test file' });
    expect([code, out]).toEqual([130, '']);
    expect(err).toMatch(/Stopped\.\n$/);
  });
});
