import type { RunConfig } from '../config/runConfig';
import { SPECIAL_DOMAINS } from '../world/domains';
import type { SpecialDomain } from '../world/domains/specialDomain';
import { REASONING_TASKS } from '../world/tasks';
import type { Scenario } from './scenario';

const SIZES = { level: 1, heldOut: 200, watched: 20 } as const;

/** Each row says how large its steps are, so that they are the same on every adapter. */
const ONE_DOMAIN: Partial<RunConfig> = {
  learning_rate: 5e-3,
  max_steps: 60,
  per_device_train_batch_size: 1,
  gradient_accumulation_steps: 1,
  max_length: 160,
  val_size: 0.02,
  eval_steps: 20,
};

const MANY: Partial<RunConfig> = {
  learning_rate: 3e-3,
  max_steps: 600,
  per_device_train_batch_size: 4,
  gradient_accumulation_steps: 1,
  max_length: 256,
  val_size: 0.02,
  eval_steps: 100,
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
    settings: MANY,
    records: 6000,
    expected: undefined,
  },
  {
    ...SIZES,
    id: 'reasoning',
    title: 'Twelve reasoning tasks at once, each record labelled with its task',
    kind: 'multi_task',
    tasks: REASONING_TASKS,
    documents: [],
    model: 'world',
    settings: MANY,
    records: 12_000,
    expected: undefined,
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
    settings: ONE_DOMAIN,
    records: 2000,
    expected: undefined,
  };
}
