import { makeItem, type Task } from '../item';
import type { Random } from '../random';
import { ofLevel } from './levels';
import { PEOPLE_NAMES, PLACES } from './words';

/** Clockwise: a turn to the right adds 1, modulo 4. */
const DIRECTIONS = ['north', 'east', 'south', 'west'] as const;
const TURNS = ['', ' turns right and', ' turns back and', ' turns left and'] as const;
const LEVELS = [
  { pairs: 1, tell: byCompass },
  { pairs: 2, tell: byCompass },
  { pairs: 2, tell: byTurns },
];
const FEWEST_STEPS = 2;
const MOST_STEPS = 12;

interface Leg {
  /** Index into DIRECTIONS. */
  readonly direction: number;
  readonly steps: number;
}

/** Whether a walk ends where it began. As many do as do not, and those that do not differ in one leg only. */
export const navigate: Task = {
  id: 'navigate',
  title: 'Does the walk end where it began?',
  levels: ['two legs', 'four legs', 'four legs with turns'],
  choices: 2,
  make(random, level) {
    const name = random.pick(PEOPLE_NAMES);
    const place = random.pick(PLACES);
    const { pairs, tell } = ofLevel(LEVELS, level);
    const closed = closedWalk(random, pairs);
    const walk = random.below(2) === 1 ? closed : leadAstray(random, closed);
    const [answer, wrong] = isClosed(walk) ? ['yes', 'no'] : ['no', 'yes'];
    const question = `${name} leaves the ${place}. ${tell(name, walk)} Is ${name} back at the ${place}?`;
    return makeItem(random, question, answer, [wrong]);
  },
};

/** Each leg has its way back, in any order. */
function closedWalk(random: Random, pairs: number): Leg[] {
  const legs = Array.from({ length: pairs }, () => {
    const leg = { direction: random.below(4), steps: drawSteps(random) };
    return [leg, turned(leg, 2)];
  });
  return random.shuffle(legs.flat());
}

/** One leg gets another length or the opposite direction. */
function leadAstray(random: Random, walk: readonly Leg[]): Leg[] {
  const at = random.below(walk.length);
  const change = random.below(2) === 1 ? (leg: Leg) => turned(leg, 2) : (leg: Leg) => resized(random, leg);
  return walk.map((leg, index) => (index === at ? change(leg) : leg));
}

function turned(leg: Leg, quarters: number): Leg {
  return { ...leg, direction: (leg.direction + quarters) % 4 };
}

function resized(random: Random, leg: Leg): Leg {
  let steps = drawSteps(random);
  while (steps === leg.steps) steps = drawSteps(random);
  return { ...leg, steps };
}

function drawSteps(random: Random): number {
  return FEWEST_STEPS + random.below(MOST_STEPS - FEWEST_STEPS + 1);
}

function isClosed(walk: readonly Leg[]): boolean {
  const along = (direction: number) =>
    walk.reduce((sum, leg) => sum + (leg.direction === direction ? leg.steps : 0), 0);
  return along(0) === along(2) && along(1) === along(3);
}

function byCompass(name: string, walk: readonly Leg[]): string {
  return walk
    .map(({ direction, steps }) => `${name} goes ${steps} steps ${DIRECTIONS[direction]}.`)
    .join(' ');
}

/** The walker first faces the first leg's direction. */
function byTurns(name: string, walk: readonly Leg[]): string {
  let facing = walk[0]?.direction ?? 0;
  const sentences = walk.map(({ direction, steps }) => {
    const turn = TURNS[(direction - facing + 4) % 4] ?? '';
    facing = direction;
    return `${name}${turn} goes ${steps} steps.`;
  });
  return sentences.join(' ');
}
