import { UserError } from '../config/errors';
import type { KnobKey } from '../config/knob';
import { knob, KNOBS } from '../config/knobs';
import { MODULES } from '../config/modules';
import type { RunConfig } from '../config/runConfig';
import { validateRunConfig } from '../config/validate';
import { METHODS, type LlamaConfig } from '../engine';
import { describeRatio, matchBudget, trainableWeights, type BudgetChoices } from '../engine/adapters/budget';
import { weightCount } from '../engine/model/tensorShapes';
import { alignColumns } from './columns';
import { MODEL, type CommandSpec } from './commandSpec';
import { openModelConfig } from './model';
import { chosenSettings, KNOB_FLAGS } from './settings';

const BYTES_PER_WEIGHT = 4; // f32, as in the native file

/** Settings that a match may change. */
const MATCHED = ['r', 'num_experts', 'group_size'] as const;

/** `masa budget`: trainable weights of every method, and the settings that give them the same budget. */
export const budget: CommandSpec = {
  name: 'budget',
  summary: 'counts the trainable weights of every method; --match finds settings with equal counts',
  flags: [
    MODEL,
    {
      key: 'match',
      value: 'SETTING,…',
      preset: 'r',
      hint:
        'find the settings of every method that come closest to the trainable weights of the given ones, at the ' +
        'same lora_alpha / r: by r, and by num_experts and group_size too where they are listed',
    },
    { key: 'config', value: 'FILE', hint: 'settings from a run.json; flags go before them' },
    ...KNOB_FLAGS,
  ],
  async run(flags) {
    const { name, config } = await openModelConfig(flags);
    const run = validateRunConfig(await chosenSettings(flags), { layers: config.layers });
    const match = flags.optional('match');
    const choices = match === undefined ? undefined : budgetChoices(match, config);
    const parameters = weightCount(config);
    const count = (settings: RunConfig) => {
      const weights = trainableWeights(settings, config);
      return {
        trainable_weights: weights,
        share: weights / parameters,
        adapter_bytes: weights * BYTES_PER_WEIGHT,
      };
    };
    const target = trainableWeights(run, config);
    const methods = variants(run).map((settings) => {
      const row = { ...shown(settings), ...count(settings) };
      if (choices === undefined) return row;
      const { settings: closest, ratio } = matchBudget(target, settings, config, choices);
      return { ...row, match: { ...shown(closest), ...count(closest), ratio } };
    });
    const document = {
      model: { name, parameters },
      settings: { ...shown(run), target_modules: run.target_modules, ...count(run) },
      methods,
    };
    return { document, text: describe(document) };
  },
};

/** One run a method, alike but for what makes the method; MASA's experts are summed or averaged, and routed. */
function variants(run: RunConfig): RunConfig[] {
  const unrouted = run.expert_mix === 'router' ? KNOBS.expert_mix.default : run.expert_mix;
  return Object.values(METHODS).flatMap(({ id }): RunConfig[] => {
    const own: RunConfig = { ...run, method: id, expert_mix: unrouted };
    return reads(own, 'expert_mix') ? [own, { ...own, expert_mix: 'router' }] : [own];
  });
}

/** What the words of `--match` let vary. r always does. E is tried in the useful part of its range. */
function budgetChoices(text: string, { layers }: LlamaConfig): BudgetChoices {
  const words = text.split(',').map((word) => word.trim().replaceAll('-', '_'));
  const unknown = words.find((word) => !MATCHED.some((key) => key === word));
  if (unknown !== undefined) {
    const problem = `${JSON.stringify(unknown)} is nothing that it can change`;
    throw new UserError('--match', problem, `give some of ${MATCHED.join(', ')}`);
  }
  const upTo = (last: number | 'layers') =>
    Array.from({ length: last === 'layers' ? layers : last }, (_, index) => index + 1);
  return {
    ...(words.includes('num_experts') ? { num_experts: upTo(KNOBS.num_experts.slider[1]) } : {}),
    ...(words.includes('group_size') ? { group_size: upTo(KNOBS.group_size.max) } : {}),
  };
}

type Shown = ReturnType<typeof shown>;
type Count = { readonly trainable_weights: number; readonly share: number; readonly adapter_bytes: number };

/** What the number of weights depends on; null where the method does not read it. lora_alpha comes along with r. */
function shown(run: RunConfig) {
  const { method, r, lora_alpha } = run;
  const own = <K extends KnobKey>(key: K) => (reads(run, key) ? run[key] : null);
  return {
    method,
    expert_mix: own('expert_mix'),
    num_experts: own('num_experts'),
    group_size: own('group_size'),
    r,
    lora_alpha,
  };
}

function reads({ method }: RunConfig, key: KnobKey): boolean {
  return knob(key).methods?.includes(method) ?? true;
}

interface Document {
  readonly model: { readonly name: string; readonly parameters: number };
  readonly settings: Shown & Count & { readonly target_modules: readonly string[] };
  readonly methods: readonly (Shown &
    Count & { readonly match?: Shown & Count & { readonly ratio: number } })[];
}

function describe({ model, settings, methods }: Document): string {
  const count = (value: number) => value.toLocaleString('en');
  const columns = ['method', 'r', 'E', 'S', 'trainable weights', 'of the base', 'adapter, bytes in f32'];
  const cells = (row: Shown & Count) => [
    ...[title(row), `${row.r}`, `${row.num_experts ?? '-'}`, `${row.group_size ?? '-'}`],
    ...[count(row.trainable_weights), share(row.share), count(row.adapter_bytes)],
  ];
  const modules =
    settings.target_modules.length === MODULES.length ? 'all linears' : settings.target_modules.join(', ');
  const lines = [
    `${model.name}, ${count(model.parameters)} weights; adapters of ${modules}:`,
    '',
    alignColumns([columns, ...methods.map(cells)]),
  ];
  const matches = methods.flatMap(({ match }) => (match === undefined ? [] : [match]));
  if (matches.length === 0) return lines.join('\n');
  const scale = settings.lora_alpha / settings.r;
  const matched = matches.map((row) => [...cells(row), `${row.lora_alpha}`, describeRatio(row.ratio)]);
  return [
    ...lines,
    '',
    `Closest to the ${count(settings.trainable_weights)} of ${title(settings)}, with lora_alpha / r at ${scale}:`,
    '',
    alignColumns([[...columns, 'lora_alpha', 'weights'], ...matched]),
  ].join('\n');
}

/** `masa, router` where a method has several mixes. */
function title({ method, expert_mix }: Shown): string {
  return expert_mix === null ? method : `${method}, ${expert_mix}`;
}

function share(value: number): string {
  const percent = 100 * value;
  return `${percent < 10 ? percent.toPrecision(2) : percent.toFixed(0)} %`;
}
