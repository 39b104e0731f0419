import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultRunConfig } from '../../src/config/defaults';
import { parseRecording } from '../../src/replay/parseRecording';
import { otherSettings } from '../../src/replay/recording';
import { bundledFiles } from '../../src/replay/record/bundledFiles';
import { distil } from '../../src/replay/record/distil';
import { trainingRecords } from '../../src/scenarios/records';
import { findScenario } from '../../src/scenarios/table';
import { Workbench } from '../../src/worker/workbench';
import { readRecordingFile } from '../support/recording';

describe('the recording that comes with the page', () => {
  const bytes = readFileSync(new URL('../../src/replay/recordings/clerk.json', import.meta.url));
  const recording = readRecordingFile();
  const scenario = findScenario(recording.scenario);

  it('is small', () => {
    expect(bytes.length).toBeLessThan(150_000);
  });

  it('is of the settings, the data and the checkpoint that the page opens with; else: npm run record', async () => {
    const { model, device, data } = recording;
    const bench = new Workbench({ openDevice: never, loadBaseModel: never }, undefined);
    const { config } = await bench.loadModel(await bundledFiles(model.name));
    const run = { ...defaultRunConfig(config.layers, device.fallback), ...scenario!.settings };
    expect(otherSettings(recording, run)).toEqual([]);
    expect(data.sha256).toBe(createHash('sha256').update(trainingRecords(scenario!)).digest('hex'));
    await bench.loadData({ kind: 'scenario', id: scenario!.id, name: scenario!.id });
    const now = await bench.materials();
    expect([now.model.fingerprint, now.data]).toEqual([model.fingerprint, data]);
  });

  it('shows that something is learnt', () => {
    const { steps, evaluation, norms } = recording;
    expect(steps.loss.at(-1)).toBeLessThan(steps.loss[0]! / 4);
    expect(evaluation.after?.mean.acc).toBeGreaterThan(2 * evaluation.before.mean.acc);
    expect(norms.looks.length).toBeGreaterThan(10);
  });
});

describe('reading a recording', () => {
  const whole = () => structuredClone(readRecordingFile()) as unknown as Record<string, unknown>;
  const changed = (change: (value: never) => void) => {
    const value = whole();
    change(value as never);
    return () => parseRecording(value);
  };

  it.each<[string, (value: never) => void, RegExp]>([
    [
      'a column is short',
      ({ steps }: { steps: { loss: number[] } }) => steps.loss.pop(),
      /steps\.loss has not one value a step/,
    ],
    [
      'a figure is a text',
      ({ steps }: { steps: { loss: unknown[] } }) => (steps.loss[3] = '1'),
      /steps\.loss\.3 is no number/,
    ],
    ['a setting is unknown', ({ run }: { run: object }) => Object.assign(run, { speed: 1 }), /speed/],
    ['a setting is out of range', ({ run }: { run: object }) => Object.assign(run, { r: -1 }), /r/],
    [
      'an event is unknown',
      ({ moments }: { moments: { event: object }[] }) => (moments[0]!.event = { type: 'job' }),
      /moments\.0\.event\.type is none of/,
    ],
    [
      'an event comes too late',
      ({ moments }: { moments: { after: number }[] }) => (moments.at(-1)!.after = 1e6),
      /moments are out of order/,
    ],
    [
      'a norm is missing',
      ({ norms }: { norms: { looks: { updates: number[] }[] } }) => norms.looks[0]!.updates.pop(),
      /norms have not one value a block/,
    ],
    ['there is no date', (value: { date?: string }) => delete value.date, /date is no text/],
    [
      'it stands still',
      (value: object) => Object.assign(value, { stepsPerSecond: 0 }),
      /stepsPerSecond is no rate/,
    ],
    ['it has no device', (value: object) => Object.assign(value, { device: null }), /device is no object/],
  ])('is refused where %s', (_, change, reason) => {
    expect(changed(change)).toThrow(reason);
    expect(changed(change)).toThrow(/^Recorded run: its file is damaged \(.+\); reload the page\.$/);
  });

  it.each([[undefined], [null], [[]], ['text'], [{}]])('is refused where the file holds %j', (value) => {
    expect(() => parseRecording(value)).toThrow(/^Recorded run: /);
  });
});

describe('making a recording', () => {
  it('refuses a run of which a step was not logged', () => {
    const recording = readRecordingFile();
    const point = { step: 2, loss: 1, learning_rate: 1, grad_norm: 1, tokens: 1, seconds: 1 };
    const events = [
      { type: 'prepared', runId: 1, data: recording.prepared } as const,
      { type: 'step', runId: 1, point } as const,
    ];
    expect(() => distil({ ...recording, events, norms: [] })).toThrow('a step is missing');
  });
});

function never(): Promise<never> {
  return Promise.reject(new Error('no GPU is needed'));
}
