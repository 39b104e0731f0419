import type { RunConfig } from '../config/runConfig';
import { SPECIAL_DOMAINS } from '../world/domains';
import type { SpecialDomain } from '../world/domains/specialDomain';
import { REASONING_TASKS } from '../world/tasks';
import { EXPECTED } from './expected';
import type { Scenario } from './scenario';

const SIZES = { level: 1, heldOut: 200, watched: 20 } as const;

/** Each row says how large its steps are, so that they are the same on every adapter. */
const ONE_DOMAIN: Partial<RunConfig> = {
  learning_rate: 5e-3,
  max_steps: 600,
  per_device_train_batch_size: 2,
  gradient_accumulation_steps: 1,
  max_length: 160,
  val_size: 0.02,
  eval_steps: 150,
};

/**
 * The first one that a visitor meets: so small that a processor, too, gets through it in a minute or two, and
 * enough for its questions, which are shorter than those of other domains.
 */
const FIRST: Partial<RunConfig> = {
  ...ONE_DOMAIN,
  max_steps: 80,
  eval_steps: 20,
};

const MANY: Partial<RunConfig> = {
  learning_rate: 4e-3,
  max_steps: 3000,
  per_device_train_batch_size: 4,
  gradient_accumulation_steps: 1,
  max_length: 256,
  val_size: 0.02,
  eval_steps: 500,
  logging_steps: 10,
};

/** Every scenario, in the order in which they are offered: one domain each, all domains, all reasoning tasks. */
export const SCENARIOS: readonly Scenario[] = [
  ...SPECIAL_DOMAINS.map(singleDomain),
  {
    ...SIZES,
    id: 'domains',
    title: 'All special domains at once, each record labelled with its domain',
    kind: 'multi_domain',
    tasks: SPECIAL_DOMAINS.map(({ task }) => task),
    documents: SPECIAL_DOMAINS,
    model: 'world',
    settings: { ...MANY, max_steps: 200, eval_steps: 50 },
    records: 12_000,
    expected: EXPECTED['domains'],
  },
  {
    ...SIZES,
    id: 'reasoning',
    title: 'Twelve reasoning tasks at once, each record labelled with its task',
    kind: 'multi_task',
    tasks: REASONING_TASKS,
    documents: [],
    model: 'world-small',
    settings: MANY,
    records: 12_000,
    expected: EXPECTED['reasoning'],
  },
];

/** The scenario of that id, if there is one. */
export function findScenario(id: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.id === id);
}

function singleDomain(domain: SpecialDomain): Scenario {
  return {
    ...SIZES,
    id: domain.id,
    title: domain.title,
    kind: 'single_domain',
    tasks: [domain.task],
    documents: [domain],
    model: 'world-small',
    settings: domain.id === 'clerk' ? FIRST : ONE_DOMAIN,
    records: 4000,
    expected: EXPECTED[domain.id],
  };
}
