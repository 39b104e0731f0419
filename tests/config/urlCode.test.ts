import { describe, expect, it } from 'vitest';
import {
  decodeLink,
  encodeLink,
  encodeSettings,
  MOST_POINTS,
  type CurvePoint,
} from '../../src/config/urlCode';

const TOUCHED = { method: 'lora', r: 4, learning_rate: 0.002, target_modules: ['q_proj', 'v_proj'] } as const;
const curve = (count: number): CurvePoint[] =>
  Array.from({ length: count }, (_, index) => ({ step: 3 * index + 1, loss: 4 / (1 + index / 10) }));

describe('the address', () => {
  it('gives back settings, scenario and model as they were', () => {
    const text = encodeLink({ settings: TOUCHED, scenario: 'clerk', model: 'world-small' });
    expect(text).toBe(
      'v=1&scenario=clerk&model=world-small&method=lora&r=4&target_modules=q_proj,v_proj&learning_rate=0.002',
    );
    expect(decodeLink(text)).toEqual({
      settings: TOUCHED,
      scenario: 'clerk',
      model: 'world-small',
      problem: undefined,
    });
  });

  it('is empty where nothing was set, and leaves out what does not change the result of a run', () => {
    expect(encodeSettings({})).toBe('');
    expect(encodeSettings({ eval_steps: 5 })).toBe('');
    expect(decodeLink('')).toEqual({ settings: {}, problem: undefined });
  });

  it('is read without a version too, and refused with one of another page', () => {
    expect(decodeLink('r=4').settings).toEqual({ r: 4 });
    expect(decodeLink('v=2&r=4')).toEqual({
      settings: {},
      problem: expect.stringMatching(/^The settings in the address are left out: .+\.$/) as string,
    });
  });

  it.each([
    ['an unknown part', 'r=3&flux=9', 'flux'],
    ['a value that is none', 'r=3&method=other', 'method'],
    ['a number that is none', 'r=3&lora_alpha=much', 'lora_alpha'],
    ['a setting of the browser', 'r=3&eval_steps=5', 'eval_steps'],
    ['a name with other signs', 'r=3&scenario=%3Cimg%3E', 'scenario'],
    ['a curve that is none', 'r=3&curve=1_2_!', 'curve'],
    ['a curve of half a point', 'r=3&curve=1_2_AAAAAAAAAA', 'curve'],
    ['a curve without end', `r=3&curve=1_2_${'A'.repeat(1200)}`, 'curve'],
    ['a curve that is no number', 'r=3&curve=e_2_AAAAAAAAAAA', 'curve'],
  ])('leaves out %s and says so in one sentence, keeping the rest', (_, text, name) => {
    const { settings, curve: points, problem } = decodeLink(text);
    expect(settings).toEqual({ r: 3 });
    expect(points).toBeUndefined();
    expect(problem).toMatch(/^The address has parts .+; they are left out\.$/);
    expect(problem).toContain(`(${name})`);
  });

  it('says no more of strange names than fits a sentence, and none of their signs', () => {
    const { problem = '' } = decodeLink(`%3Cb%3E=1&${'x'.repeat(500)}=2&c=3&d=4`);
    expect(problem.length).toBeLessThan(200);
    expect(problem).not.toMatch(/[<>]/);
    expect(problem).toContain('and others');
  });

  it('is not even read where it is too long', () => {
    expect(decodeLink(`r=4&x=${'1'.repeat(9000)}`)).toMatchObject({ settings: {} });
  });
});

describe('a curve in the address', () => {
  const recoded = (points: readonly CurvePoint[]) =>
    decodeLink(encodeLink({ settings: {}, curve: points })).curve ?? [];

  it('keeps its steps, and its losses to a 4095th of their range', () => {
    const points = curve(150);
    const read = recoded(points);
    expect(read.map(({ step }) => step)).toEqual(points.map(({ step }) => step));
    const range = points[0]!.loss - points.at(-1)!.loss;
    // Half a level, and the six digits of the ends of the range.
    for (const [index, { loss }] of read.entries()) {
      expect(Math.abs(loss - points[index]!.loss)).toBeLessThanOrEqual(range / 4095 / 2 + 1e-5);
    }
  });

  it('is thinned to at most 200 points with its ends, in a bounded address', () => {
    const points = curve(10_000);
    const text = encodeLink({ settings: TOUCHED, scenario: 'clerk', curve: points });
    expect(text.length).toBeLessThan(1500);
    const read = recoded(points);
    expect(read).toHaveLength(MOST_POINTS);
    expect(read[0]?.step).toBe(1);
    expect(read.at(-1)?.step).toBe(points.at(-1)?.step);
  });

  it('may be flat, leaves out what is no number, and is left out itself where it has no two points', () => {
    expect(
      recoded([
        { step: 1, loss: 2 },
        { step: 2, loss: NaN },
        { step: 3, loss: 2 },
      ]),
    ).toEqual([
      { step: 1, loss: 2 },
      { step: 3, loss: 2 },
    ]);
    expect(encodeLink({ settings: {}, curve: [{ step: 1, loss: 1 }] })).toBe('');
  });
});
