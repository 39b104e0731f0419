import type { Knob, KnobKey } from './knob';
import { KNOB_KEYS, knob } from './knobs';
import type { RunConfig } from './runConfig';

/** What a run learns with which settings. */
export interface Described {
  readonly settings: RunConfig;
  readonly model: string;
  readonly data: string;
}

/**
 * How a run differs from the one before, in words: `r 8 to 16, HydraLoRA instead of LoRA`. Settings that neither
 * method reads, and those that only say when something is measured, are left out.
 *
 * @param before undefined for a first run, which is described by itself: `MASA, r 8, E 2, S 2`
 */
export function describeDiff(before: Described | undefined, after: Described): string {
  if (before === undefined) return describeAlone(after.settings);
  const [from, to] = [before.settings, after.settings];
  const read = KNOB_KEYS.filter((key) => matters(key, from) || matters(key, to));
  const changed = read.filter((key) => String(from[key]) !== String(to[key]));
  const numbers = changed.filter((key) => typeof to[key] === 'number');
  const others = changed.filter((key) => typeof to[key] !== 'number');
  const parts = [
    ...numbers.map((key) => `${shortName(key)} ${String(from[key])} to ${String(to[key])}`),
    ...others.map((key) => describeChoice(key, from, to)),
    ...(before.model === after.model ? [] : [`${after.model} instead of ${before.model}`]),
    ...(before.data === after.data ? [] : [`${after.data} instead of ${before.data}`]),
  ];
  return parts.length === 0 ? 'the same settings again' : parts.join(', ');
}

function describeAlone(settings: RunConfig): string {
  const sizes = (['r', 'num_experts', 'group_size'] as const).filter((key) => matters(key, settings));
  return [valueName('method', settings), ...sizes.map((key) => `${shortName(key)} ${settings[key]}`)].join(
    ', ',
  );
}

/** Whether the setting changes what a run with these settings learns. */
function matters(key: KnobKey, { method }: RunConfig): boolean {
  const { methods, group, stored }: Knob = knob(key);
  return group !== 'schedule' && stored === 'link' && methods?.includes(method) !== false;
}

function describeChoice(key: KnobKey, from: RunConfig, to: RunConfig): string {
  if (key === 'target_modules') {
    const added = to.target_modules.filter((name) => !from.target_modules.includes(name));
    const removed = from.target_modules.filter((name) => !to.target_modules.includes(name));
    return [
      ...(added.length > 0 ? [`with ${added.join(' and ')}`] : []),
      ...(removed.length > 0 ? [`without ${removed.join(' and ')}`] : []),
    ].join(', ');
  }
  const names = `${valueName(key, to)} instead of ${valueName(key, from)}`;
  return key === 'method' ? names : `${shortName(key)} ${names}`;
}

/** The symbol in the label's brackets, or the label as it stands within a sentence. */
function shortName(key: KnobKey): string {
  const { label } = knob(key);
  return /\((.+)\)/.exec(label)?.[1] ?? lower(label);
}

function valueName(key: KnobKey, settings: RunConfig): string {
  const row = knob(key);
  const value = String(settings[key]);
  const name = row.kind === 'choice' ? (row.choices[value] ?? value) : value;
  return key === 'method' ? name : lower(name);
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
