import { KNOB_KEYS, knob } from '../config/knobs';
import type { RunConfig } from '../config/runConfig';
import { parseKnobText } from '../config/validate';
import type { KnobKey } from '../config/knob';

/**
 * Where the page keeps what somebody set:
 *   address (#r=4&method=lora)   touched settings that change the result of a run (knob `stored: 'link'`)
 *   localStorage `masa`          the other touched settings, the prompt, the scenario, the theme and how charts look
 * Everything is read leniently: what cannot be understood is left out, so that an old link still opens.
 */
export interface View {
  readonly prompt?: string;
  /** Id of the scenario that was chosen; absent too where files were. */
  readonly scenario?: string;
  readonly theme?: 'light' | 'dark';
  readonly smoothing?: number;
  readonly logX?: boolean;
  readonly logY?: boolean;
  readonly xAxis?: 'step' | 'tokens' | 'time';
  readonly ignoreOutliers?: boolean;
  readonly bands?: 'none' | 'range' | 'deviation';
}

const STORE = 'masa';

/** Touched settings as a piece of an address, `link` knobs only. */
export function settingsToAddress(touched: Partial<RunConfig>): string {
  return settingsToText(touched, 'link');
}

/** Touched settings out of an address and a stored text; the address wins. */
export function settingsFrom(address: string, stored: string): Partial<RunConfig> {
  return { ...settingsFromText(stored, 'run'), ...settingsFromText(address, 'link') };
}

/** Settings in the page's address and in this browser. */
export function loadSettings(): Partial<RunConfig> {
  return settingsFrom(location.hash.slice(1), readStore().settings ?? '');
}

/** Puts the touched settings into the page's address and into this browser. */
export function saveSettings(touched: Partial<RunConfig>): void {
  const hash = settingsToAddress(touched);
  if (hash !== location.hash.slice(1)) {
    history.replaceState(null, '', hash === '' ? location.pathname + location.search : `#${hash}`);
  }
  writeStore({ settings: settingsToText(touched, 'run') });
}

export function loadView(): View {
  const { prompt, scenario, theme, smoothing, logX, logY, xAxis, ignoreOutliers, bands } = readStore();
  return {
    ...(typeof prompt === 'string' ? { prompt } : {}),
    ...(typeof scenario === 'string' ? { scenario } : {}),
    ...(theme === 'light' || theme === 'dark' ? { theme } : {}),
    ...(typeof smoothing === 'number' && smoothing >= 0 && smoothing < 1 ? { smoothing } : {}),
    ...(typeof logX === 'boolean' ? { logX } : {}),
    ...(typeof logY === 'boolean' ? { logY } : {}),
    ...(xAxis === 'step' || xAxis === 'tokens' || xAxis === 'time' ? { xAxis } : {}),
    ...(typeof ignoreOutliers === 'boolean' ? { ignoreOutliers } : {}),
    ...(bands === 'none' || bands === 'range' || bands === 'deviation' ? { bands } : {}),
  };
}

/** Keeps one or more parts of the view; `undefined` forgets a part. */
export function saveView(view: { readonly [K in keyof View]: View[K] | undefined }): void {
  writeStore(view);
}

function settingsToText(touched: Partial<RunConfig>, stored: 'link' | 'run'): string {
  const pairs = KNOB_KEYS.flatMap((key): [string, string][] => {
    const value = touched[key];
    return value === undefined || knob(key).stored !== stored ? [] : [[key, String(value)]];
  });
  // A comma is legal in a fragment and keeps lists of modules readable.
  return new URLSearchParams(pairs).toString().replaceAll('%2C', ',');
}

function settingsFromText(text: string, stored: 'link' | 'run'): Partial<RunConfig> {
  const settings = new Map<KnobKey, unknown>();
  for (const [name, value] of new URLSearchParams(text)) {
    try {
      const parsed = parseKnobText(name, value);
      if (knob(parsed.key).stored === stored) settings.set(parsed.key, parsed.value);
    } catch {
      // An unknown or unreadable setting of an old link.
    }
  }
  return Object.fromEntries(settings);
}

type Stored = { -readonly [K in keyof View]?: unknown } & { settings?: string };

function readStore(): Stored {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORE) ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {}; // storage is switched off, or somebody else wrote there
  }
}

function writeStore(change: object): void {
  try {
    localStorage.setItem(STORE, JSON.stringify({ ...readStore(), ...change }));
  } catch {
    // Storage is switched off or full: the page works, it only forgets on reload.
  }
}
