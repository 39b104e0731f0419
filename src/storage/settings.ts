import type { KnobKey } from '../config/knob';
import { KNOB_KEYS, knob } from '../config/knobs';
import type { RunConfig } from '../config/runConfig';
import { encodeSettings } from '../config/urlCode';
import { parseKnobText } from '../config/validate';

/**
 * Where the page keeps what somebody set:
 *   address (config/urlCode)   touched settings that change the result of a run (knob `stored: 'link'`)
 *   localStorage `masa`        the other touched settings, and how the page was left: scenario, prompt, look
 * Everything is read leniently: what cannot be understood is left out.
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
  /** The tab of the drawer that was open. */
  readonly drawer?: string;
}

const STORE = 'masa';

/** The touched settings that this browser keeps out of the address. */
export function loadSettings(): Partial<RunConfig> {
  return settingsFromText(readStore().settings ?? '');
}

/** Puts the touched settings into the page's address and into this browser. */
export function saveSettings(touched: Partial<RunConfig>): void {
  saveAddress(encodeSettings(touched));
  writeStore({ settings: settingsToText(touched) });
}

/** The page's address after the `#`. */
export function loadAddress(): string {
  return location.hash.slice(1);
}

/** Puts a text behind the `#` of the page's address, without a step in the browser's history. */
export function saveAddress(hash: string): void {
  if (hash === loadAddress()) return;
  history.replaceState(null, '', hash === '' ? location.pathname + location.search : `#${hash}`);
}

export function loadView(): View {
  const { prompt, scenario, theme, smoothing, logX, logY, xAxis, ignoreOutliers, bands, drawer } =
    readStore();
  return {
    ...(typeof prompt === 'string' ? { prompt } : {}),
    ...(typeof scenario === 'string' ? { scenario } : {}),
    ...(theme === 'light' || theme === 'dark' ? { theme } : {}),
    ...(typeof smoothing === 'number' && smoothing >= 0 && smoothing < 1 ? { smoothing } : {}),
    ...(typeof drawer === 'string' ? { drawer } : {}),
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

/** Touched settings that the address leaves out, as text. */
export function settingsToText(touched: Partial<RunConfig>): string {
  const pairs = KNOB_KEYS.flatMap((key): [string, string][] => {
    const value = touched[key];
    return value === undefined || knob(key).stored !== 'run' ? [] : [[key, String(value)]];
  });
  return new URLSearchParams(pairs).toString();
}

/** Settings out of such a text. */
export function settingsFromText(text: string): Partial<RunConfig> {
  const settings = new Map<KnobKey, unknown>();
  for (const [name, value] of new URLSearchParams(text)) {
    try {
      const parsed = parseKnobText(name, value);
      if (knob(parsed.key).stored === 'run') settings.set(parsed.key, parsed.value);
    } catch {
      // An unknown or unreadable setting of an earlier version.
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
