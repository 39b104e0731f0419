import { describe, expect, test } from 'vitest';
import { defaultRunConfig } from '../../src/config/defaults';
import { UserError } from '../../src/config/errors';
import type { RunConfig } from '../../src/config/runConfig';
import { isPoint, summarise, type Point } from '../../src/cli/metrics';
import { Progress } from '../../src/cli/progress';
import { runSteps } from '../../src/cli/runSteps';
import type { Watch } from '../../src/cli/watch';
import type { Trainer } from '../../src/engine';

/** A trainer whose losses are given; it notes what is asked of it. */
function play(
  losses: readonly number[],
  settings: Partial<RunConfig>,
  validationTokens = 10,
  from = 0,
  watch?: Watch,
) {
  const notes: string[] = [];
  const points: Point[] = [];
  const interruption = new AbortController();
  let done = from;
  const trainer = {
    get stepsDone() {
      return done;
    },
    step: () => {
      const loss = losses[done] ?? 0;
      if (Number.isNaN(loss)) return Promise.reject(new UserError('learning_rate', 'diverged', 'lower it'));
      done++;
      notes.push(`step ${done}`);
      const metrics = { step: done, loss, learning_rate: 0.5, grad_norm: 1, tokens: 20, seconds: 0.5 };
      return Promise.resolve(metrics);
    },
    validate: () => {
      notes.push('validate');
      return Promise.resolve({ loss: 10 - done, tokens: validationTokens });
    },
  } as Pick<Trainer, 'stepsDone' | 'step' | 'steps' | 'validate'>;
  trainer.steps = async (until, each, proceed = () => true) => {
    do await each(await trainer.step());
    while (trainer.stepsDone < until && proceed());
  };
  let err = '';
  const io = {
    out: () => undefined,
    err: (text: string) => (err += text),
    terminal: watch !== undefined, // on which a line can be redrawn
    interrupted: interruption.signal,
    gpu: () => Promise.reject(new Error('no GPU here')),
  };
  const run = { ...defaultRunConfig(2), max_steps: losses.length, save_steps: 0, eval_steps: 0, ...settings };
  const earlier = Array.from({ length: from }, (_, step): Point => ({ step: step + 1 }));
  const result = runSteps({
    run,
    trainer,
    earlier,
    progress: new Progress(io),
    interrupted: interruption.signal,
    watch,
    addPoint: (point) => {
      points.push(point);
      if (point.step === 2 && settings.seed === 1) interruption.abort();
      return Promise.resolve();
    },
    rewritePoints: (all) => {
      notes.push('rewrite');
      points.splice(0, points.length, ...all);
      return Promise.resolve();
    },
    save: () => {
      notes.push('save');
      return Promise.resolve();
    },
  });
  return { result, notes, points, err: () => err };
}

describe('a training', () => {
  test('validates before and after, and on the way as often as asked', async () => {
    const { result, notes, points } = play([5, 4, 3], { eval_steps: 2 });
    await result;
    expect(notes).toEqual(['validate', 'step 1', 'step 2', 'validate', 'step 3', 'validate', 'save']);
    expect(points.map(({ step, val_loss }) => [step, val_loss])).toEqual([
      [0, 10],
      [1, undefined],
      [2, 8],
      [3, 7],
    ]);
  });

  test('asks the watched questions after each validation, and where nothing is held out', async () => {
    let asked = 0;
    const watch: Watch = ({ onProgress }) => {
      onProgress?.(3, 4);
      return Promise.resolve(
        new Map([
          ['a', 0.25],
          ['b', 0.25 * asked++],
        ]),
      );
    };
    const { result, points, err } = play([5, 4], { eval_steps: 1 }, 10, 0, watch);
    await result;
    expect(points.map(({ val_loss, acc, acc_by_task }) => [val_loss, acc, acc_by_task])).toEqual([
      [10, 0.125, { a: 0.25, b: 0 }],
      [9, 0.25, { a: 0.25, b: 0.25 }],
      [8, 0.375, { a: 0.25, b: 0.5 }],
    ]);
    expect(points.every((point) => isPoint(JSON.parse(JSON.stringify(point))))).toBe(true);
    expect(err()).toContain('Asking: 3 of 4 choices\r\u001b[Kstep 2: accuracy 37.5 % (a 25.0 %, b 50.0 %)\n');
    const alone = play([5], {}, 0, 0, () => Promise.resolve(new Map([['a', 0.5]])));
    await alone.result;
    expect(alone.points.map(({ acc, val_loss }) => [acc, val_loss])).toEqual([
      [0.5, undefined],
      [0.5, undefined],
    ]);
    expect(alone.err()).toContain('step 1: accuracy 50.0 %\n');
  });

  test('is a line of metrics.jsonl with the load of each expert too, of numbers alone', () => {
    expect(isPoint({ step: 1, loss: 2, expert_load: [0.5, 0.5] })).toBe(true);
    for (const damaged of [[0.5, 'half'], [null], { 0: 0.5 }, 0.5]) {
      expect(isPoint({ step: 1, loss: 2, expert_load: damaged })).toBe(false);
    }
    expect(isPoint({ step: 1, loss: [2] })).toBe(false);
  });

  test('saves as often as asked, and at the end once', async () => {
    const { result, notes } = play([5, 4, 3, 2], { save_steps: 2 }, 0);
    await result;
    const wanted = ['step 1', 'step 2', 'save', 'step 3', 'step 4', 'validate', 'save'];
    expect(notes).toEqual(['validate', ...wanted]);
  });

  test('says a line every logging_steps', async () => {
    const { result, err } = play([5, 4, 3, 2, 1], { logging_steps: 2 }, 0);
    await result;
    expect(err().match(/^step \d\/5/gm)).toEqual(['step 2/5', 'step 4/5', 'step 5/5']);
  });

  test('that goes on does not validate again at its beginning', async () => {
    const { result, notes } = play([5, 4, 3], {}, 10, 2);
    await result;
    expect(notes).toEqual(['step 3', 'validate', 'save']);
  });

  test('that goes on makes up for checks that Ctrl-C cut short', async () => {
    const { result, notes, points } = play([5, 4, 3], { eval_steps: 2 }, 10, 2);
    const all = await result;
    expect(notes).toEqual(['validate', 'rewrite', 'step 3', 'validate', 'save']);
    expect(points).toEqual(all);
    expect(all.map(({ step, val_loss }) => [step, val_loss])).toEqual([
      [1, undefined],
      [2, 8],
      [3, 7],
    ]);
  });

  test('that was stopped during its last checks only makes up for them', async () => {
    const { result, notes } = play([5, 4], {}, 10, 2);
    await result;
    expect(notes).toEqual(['validate', 'rewrite', 'save']);
  });

  test('ends after the step in which Ctrl-C came, and saves', async () => {
    const { result, notes } = play([5, 4, 3, 2], { seed: 1 });
    await result;
    expect(notes).toEqual(['validate', 'step 1', 'step 2', 'save']);
  });

  test('ends when the loss is no number any more, and saves the state before that', async () => {
    const { result, notes, points } = play([5, 4, Number.NaN, 2], {});
    await expect(result).rejects.toThrow('learning_rate: diverged; lower it.');
    expect(notes).toEqual(['validate', 'step 1', 'step 2', 'save']);
    expect(points.at(-1)?.step).toBe(2);
  });
});

describe('the summary of a run', () => {
  const steps = (losses: readonly number[]) =>
    losses.map((loss, index): Point => ({ step: index + 1, loss, tokens: 30, seconds: 2 }));

  test('means the first and the last tenth of the steps', () => {
    const losses = Array.from({ length: 25 }, (_, index) => 100 - index);
    expect(summarise(steps(losses), 7, 'out')).toEqual({
      steps: 25,
      first_loss: 99.5,
      last_loss: 76.5,
      first_val_loss: null,
      last_val_loss: null,
      first_acc: null,
      last_acc: null,
      trainable_parameters: 7,
      tokens_per_second: 15,
      out: 'out',
    });
  });

  test('takes at least one step at each end, and the validation before and after', () => {
    const points = [
      { step: 0, val_loss: 9 },
      ...steps([5, 4]).slice(0, 1),
      { step: 2, loss: 4, val_loss: 8 },
    ];
    expect(summarise(points, 7, 'out')).toMatchObject({
      steps: 2,
      first_loss: 5,
      last_loss: 4,
      first_val_loss: 9,
      last_val_loss: 8,
    });
  });
});
