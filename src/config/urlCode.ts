import type { KnobKey } from './knob';
import { KNOB_KEYS, knob } from './knobs';
import type { RunConfig } from './runConfig';
import { parseKnobText } from './validate';

/**
 * The page's address after the `#`, which no server ever sees:
 *
 *     v=1&scenario=clerk&model=world-small&r=4&method=lora&curve=…
 *
 * `v` is the version of this form; settings are those that somebody set and that change the result of a run (knob
 * `stored: 'link'`). The curve is a recorded loss, quantised: see encodeCurve. Nothing here is fetched or trusted: every
 * part is read by its own rule, and what no rule reads is left out and named in `problem`.
 */
export interface Link {
  readonly settings: Partial<RunConfig>;
  /** Id of a scenario; whether there is such a one is for the reader to see. */
  readonly scenario?: string | undefined;
  /** Name of a checkpoint. */
  readonly model?: string | undefined;
  /** Loss over the steps of a run with these settings. */
  readonly curve?: readonly CurvePoint[] | undefined;
}

export interface CurvePoint {
  readonly step: number;
  /** In nats. */
  readonly loss: number;
}

/** A link as it was read, and one sentence about the parts that were not. */
export interface ReadLink extends Link {
  readonly problem: string | undefined;
}

const VERSION = '1';
/** Longer addresses are refused unread; the longest that encodeLink makes has about 2,000. */
const MOST_CHARACTERS = 8_000;
export const MOST_POINTS = 200;
const LEVELS = 4095; // 12 bits: finer than a line on a screen
const NAME = /^[\w.-]{1,80}$/;
const MOST_STEP = 1_000_000_000;

/** Touched settings as an address, without the `#`; empty where there is nothing to say. */
export function encodeSettings(settings: Partial<RunConfig>): string {
  return encodeLink({ settings });
}

/** An address without the `#`; empty where there is nothing to say. Names that could not be read are left out. */
export function encodeLink({ settings, scenario, model, curve }: Link): string {
  const named = (key: string, name: string | undefined): [string, string][] =>
    name !== undefined && NAME.test(name) ? [[key, name]] : [];
  const points = curve?.filter(({ loss }) => Number.isFinite(loss)) ?? [];
  const pairs: [string, string][] = [
    ...named('scenario', scenario),
    ...named('model', model),
    ...KNOB_KEYS.flatMap((key): [string, string][] => {
      const value = settings[key];
      return value === undefined || knob(key).stored !== 'link' ? [] : [[key, String(value)]];
    }),
    ...(points.length < 2 ? [] : [['curve', encodeCurve(points)] as [string, string]]),
  ];
  if (pairs.length === 0) return '';
  // A comma is legal in a fragment and keeps lists of modules readable.
  return new URLSearchParams([['v', VERSION], ...pairs]).toString().replaceAll('%2C', ',');
}

/** Reads an address without the `#`. An address without a version is read as one of this version. */
export function decodeLink(text: string): ReadLink {
  if (text.length > MOST_CHARACTERS) return refused('it is too long to come from this page');
  const parts = new URLSearchParams(text);
  const version = parts.get('v') ?? VERSION;
  if (version !== VERSION) return refused('it was made by another version of this page');
  const settings = new Map<KnobKey, unknown>();
  const unread: string[] = [];
  let link: Pick<Link, 'scenario' | 'model' | 'curve'> = {};
  for (const [name, value] of parts) {
    if (name === 'v') continue;
    if (name === 'scenario' || name === 'model') {
      if (NAME.test(value)) link = { ...link, [name]: value };
      else unread.push(name);
    } else if (name === 'curve') {
      const curve = decodeCurve(value);
      if (curve === undefined) unread.push(name);
      else link = { ...link, curve };
    } else {
      const setting = readSetting(name, value);
      if (setting === undefined) unread.push(name);
      else settings.set(setting.key, setting.value);
    }
  }
  return { settings: Object.fromEntries(settings), ...link, problem: describeUnread(unread) };
}

function readSetting(name: string, value: string): ReturnType<typeof parseKnobText> | undefined {
  try {
    const setting = parseKnobText(name, value);
    return knob(setting.key).stored === 'link' ? setting : undefined;
  } catch {
    return undefined; // no such setting, or no such value
  }
}

function refused(why: string): ReadLink {
  return { settings: {}, problem: `The settings in the address are left out: ${why}.` };
}

function describeUnread(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  // The names come from whoever made the link: few, short and without what no name has.
  const shown = [...new Set(names.map((name) => name.replace(/[^\w-]/g, '').slice(0, 30)))].slice(0, 3);
  const more = names.length > shown.length ? ' and others' : '';
  return `The address has parts that this page does not read (${shown.join(', ')}${more}); they are left out.`;
}

/**
 * At most MOST_POINTS points as text: `least_greatest_` and then, in base64url, a point in four bytes: 16 bits of steps
 * since the point before (longer ones are cut short), 16 bits of loss between the least and the greatest.
 * Points beyond that number are thinned evenly; the first and the last stay.
 */
function encodeCurve(points: readonly CurvePoint[]): string {
  const kept = thinned(points);
  const losses = kept.map(({ loss }) => loss);
  const [least, greatest] = [Math.min(...losses), Math.max(...losses)];
  const bytes = kept.flatMap(({ step, loss }, index) => {
    const delta = Math.min(0xffff, Math.max(0, step - (kept[index - 1]?.step ?? 0)));
    const level = greatest > least ? Math.round(((loss - least) / (greatest - least)) * LEVELS) : 0;
    return [delta >> 8, delta & 255, level >> 8, level & 255];
  });
  const data = btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
  return `${shortest(least)}_${shortest(greatest)}_${data}`;
}

function thinned(points: readonly CurvePoint[]): readonly CurvePoint[] {
  if (points.length <= MOST_POINTS) return points;
  const stride = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, index) => points[Math.round(index * stride)]).filter(
    (point) => point !== undefined,
  );
}

function shortest(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** The points of a curve's text; undefined where it is not one. */
function decodeCurve(text: string): readonly CurvePoint[] | undefined {
  const [, low, high, data] = /^([\d.e+-]{1,20})_([\d.e+-]{1,20})_([\w-]{8,1100})$/.exec(text) ?? [];
  const [least, greatest] = [Number(low), Number(high)];
  if (data === undefined || !Number.isFinite(least) || !Number.isFinite(greatest) || greatest < least) {
    return undefined;
  }
  const bytes = bytesOf(data);
  if (bytes === undefined || bytes.length % 4 !== 0 || bytes.length / 4 > MOST_POINTS) return undefined;
  const points: CurvePoint[] = [];
  let step = 0;
  for (let at = 0; at < bytes.length; at += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(at, at + 4);
    const level = (c << 8) | d;
    step += (a << 8) | b;
    if (level > LEVELS || step > MOST_STEP) return undefined;
    points.push({ step, loss: least + (level / LEVELS) * (greatest - least) });
  }
  return points;
}

function bytesOf(data: string): number[] | undefined {
  try {
    return Array.from(atob(data.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
