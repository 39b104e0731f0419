import { createStore } from 'zustand/vanilla';
import { defaultRunConfig } from '../config/defaults';
import type { KnobKey } from '../config/knob';
import { KNOB_KEYS } from '../config/knobs';
import type { RunConfig } from '../config/runConfig';
import { decodeLink, encodeLink, type CurvePoint, type Link, type ReadLink } from '../config/urlCode';
import { METHODS } from '../engine/adapters/registry';
import { findScenario } from '../scenarios/table';
import { loadAddress, loadSettings, saveAddress } from '../storage/settings';
import { setTouched } from './actions';
import { beatStore, NOTHING_TO_BEAT } from './beat';
import { metrics } from './metrics';
import { chooseData, chooseModel, scenarioSource } from './reading';
import { runStore } from './run';
import { chosenScenario, currentSettings, setupStore } from './setup';
import { columnEdges, reduceToColumns, smooth } from './series';

/** What became of a link: of the one that the page was opened with, and of the one that was made last. */
export interface ShareState {
  /** One sentence about parts of the address that could not be used. */
  readonly problem: string | undefined;
  readonly made:
    { readonly address: string; readonly copied: boolean; readonly sentence: string } | undefined;
}

export const shareStore = createStore<ShareState>(() => ({ problem: undefined, made: undefined }));

/** Noise would hide a line of 200 points; the charts' own figure. */
const SMOOTHING = 0.6;
/** Columns of which the lowest and the highest point are kept, besides the first and the last. */
const COLUMNS = 99;

/** Reads the page's address: what it says is wrong and the curve go to their stores, the rest is returned. */
export function readAddress(): ReadLink {
  const link = decodeLink(loadAddress());
  const unknown = link.scenario !== undefined && findScenario(link.scenario) === undefined;
  const problem = unknown
    ? `The address asks for the scenario ${link.scenario ?? ''}, which this page does not have.`
    : link.problem;
  shareStore.setState({ problem });
  const { curve } = link;
  beatStore.setState(
    curve === undefined ? NOTHING_TO_BEAT : { points: curve, caption: captionOf(link) },
    true,
  );
  return unknown ? { ...link, scenario: undefined } : link;
}

/** Says so where a link's model does not come with the page. */
export function missModel(name: string): void {
  shareStore.setState({
    problem: `The link was made with the model ${name}, which does not come with this page; choose its files to train the same.`,
  });
}

/** Follows a link that was put into the address of the open page. */
export async function followAddress(): Promise<void> {
  const { settings, scenario, model } = readAddress();
  setTouched({ ...loadSettings(), ...settings });
  const { catalogue, model: now } = setupStore.getState();
  if (model !== undefined && model !== now.chosen?.info.name) {
    const bundled = catalogue?.models.find(({ name }) => name === model);
    if (bundled === undefined) missModel(model);
    else await chooseModel(bundled.source);
  }
  if (scenario !== undefined) await chooseData(scenarioSource(scenario));
}

/** Puts the sentence about the address away. */
export function dismissLinkProblem(): void {
  shareStore.setState({ problem: undefined });
}

/** Whether the run on the page has a curve that belongs to the settings of the form. */
export function hasCurve(): boolean {
  const { settings } = runStore.getState();
  return metrics.length > 1 && JSON.stringify(settings) === JSON.stringify(currentSettings().values);
}

/** Makes a link to the set-up, puts it into the page's address and, where the browser lets it, into the clipboard. */
export async function share(withCurve: boolean): Promise<void> {
  const curve =
    withCurve && hasCurve() ? sharedCurve(metrics.column('step'), metrics.column('loss')) : undefined;
  const setup = setupStore.getState();
  const scenario = chosenScenario(setup);
  const link = encodeLink({
    settings: differences(),
    scenario: scenario?.id,
    model: setup.model.chosen?.info.name,
    curve,
  });
  saveAddress(link);
  const address = location.href;
  const copied = await navigator.clipboard.writeText(address).then(
    () => true,
    () => false,
  );
  const what = `settings${scenario === undefined ? '' : ', scenario'} and name of the model${curve === undefined ? '' : ', and the curve of this run'}`;
  const where = copied ? 'The link is in the clipboard and in the address' : 'The link is in the address';
  const own = scenario === undefined ? ' Your data stays here: whoever opens it chooses a file.' : '';
  shareStore.setState({ made: { address, copied, sentence: `${where}: ${what}.${own}` } });
}

/**
 * The settings without which another machine would not train the same: those that differ from the scenario's or the
 * table's, on a graphics card or on a processor that plays one.
 */
function differences(): Partial<RunConfig> {
  const { values, layers } = currentSettings();
  const own = chosenScenario(setupStore.getState())?.settings;
  const bases = [false, true].map((software) => ({ ...defaultRunConfig(layers, software), ...own }));
  const differs = (key: KnobKey) => bases.some((base) => String(base[key]) !== String(values[key]));
  return Object.fromEntries(KNOB_KEYS.filter(differs).map((key) => [key, values[key]]));
}

/** The smoothed loss in at most 200 points, its extremes among them. */
export function sharedCurve(steps: Float64Array, losses: Float64Array): readonly CurvePoint[] {
  const values = smooth(losses, SMOOTHING);
  const edges = columnEdges(steps[0] ?? 0, steps.at(-1) ?? 0, COLUMNS, false);
  return reduceToColumns(steps, values, edges).map((index) => ({
    step: steps[index] ?? 0,
    loss: values[index] ?? NaN,
  }));
}

function captionOf({ settings, scenario }: Link): string {
  const method = METHODS[settings.method ?? defaultRunConfig(1).method].label;
  const rank = settings.r === undefined ? '' : `, r ${settings.r}`;
  return `from the link: ${method}${rank}${scenario === undefined ? '' : `, ${scenario}`}`;
}
