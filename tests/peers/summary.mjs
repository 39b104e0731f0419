/** What the benchmark makes of its measurements; pure. */

/** @typedef {'masa' | 'jax' | 'tfjs'} Engine */
/** @typedef {Record<Engine, number>} PerEngine */

/** @type {readonly Engine[]} */
export const ENGINES = ['masa', 'jax', 'tfjs'];
export const WORKLOADS = /** @type {const} */ (['w1', 'w2']);

/** Losses that agree to five digits differ by less than this, relatively; so does the first from its float64 value. */
const FIVE_DIGITS = 1e-5;

const USAGE = 'usage: npm run bench:peers -- [--json] [--rounds N] [--only w1|w2|cold]';

/**
 * @param {readonly string[]} argv
 * @returns {{ json: boolean, rounds: number, parts: readonly string[] }}
 * @throws {RangeError} with one sentence for a word that it does not know
 */
export function parseOptions(argv) {
  const words = [...argv];
  const options = {
    json: false,
    rounds: 8,
    parts: /** @type {readonly string[]} */ ([...WORKLOADS, 'cold']),
  };
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--json') options.json = true;
    else if (word === '--rounds') {
      options.rounds = Number(words.shift());
      if (!Number.isInteger(options.rounds) || options.rounds < 1) throw new RangeError(USAGE);
    } else if (word === '--only') {
      const part = words.shift() ?? '';
      if (!options.parts.includes(part)) throw new RangeError(USAGE);
      options.parts = [part];
    } else throw new RangeError(`there is no ${word}; ${USAGE}`);
  }
  return options;
}

/**
 * Best and median of each engine's times, divided by the best and the median of the yardstick's.
 * @param {PerEngine extends never ? never : Record<Engine | 'yardstick', readonly number[]>} times
 * @returns {{ best: PerEngine, median: PerEngine }}
 */
export function inYardsticks(times) {
  const per = (/** @type {(values: readonly number[]) => number} */ pick) =>
    perEngine((engine) => pick(times[engine]) / pick(times.yardstick));
  return { best: per(best), median: per(median) };
}

/**
 * @template T
 * @param {(engine: Engine) => T} make
 * @returns {Record<Engine, T>}
 */
export function perEngine(make) {
  return { masa: make('masa'), jax: make('jax'), tfjs: make('tfjs') };
}

/** @param {readonly number[]} values */
export function best(values) {
  return Math.min(...values);
}

/** @param {readonly number[]} values at least one */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

/**
 * Sentences about losses that differ between engines, or from the float64 value before the first update.
 * @param {Record<Engine, readonly number[]>} losses
 * @param {number} reference
 * @returns {string[]}
 */
export function lossBreaches(losses, reference) {
  const ours = losses.masa;
  return ENGINES.flatMap((engine) =>
    losses[engine].flatMap((loss, step) => {
      const expected = step === 0 ? reference : (ours[step] ?? NaN);
      if (Math.abs(loss - expected) <= FIVE_DIGITS * Math.abs(expected)) return [];
      return [`${engine} has loss ${loss} before update ${step + 1}, where ${expected} is expected`];
    }),
  );
}

/**
 * The document as a text for people.
 * @param {{ adapter: string } & Record<string, any>} document
 */
export function table(document) {
  const lines = [`adapter: ${document.adapter}`, ''];
  const row = (/** @type {string} */ name, /** @type {string[]} */ cells) =>
    lines.push([name.padEnd(30), ...cells.map((cell) => cell.padStart(10))].join(''));
  row('', ['masa', 'jax-js', 'tfjs', 'ratio']);
  const figures = (/** @type {string} */ name, /** @type {PerEngine} */ values) =>
    row(name, [
      ...ENGINES.map((engine) => values[engine].toFixed(2)),
      (values.masa / Math.min(values.jax, values.tfjs)).toFixed(2),
    ]);
  for (const workload of WORKLOADS) {
    const part = document[workload];
    if (part?.losses === undefined) continue;
    const title = workload.toUpperCase();
    figures(`${title}, yardsticks, best`, part);
    figures(`${title}, yardsticks, median`, part.median);
    for (const [step] of part.losses.masa.entries()) {
      row(
        `${title}, loss ${step + 1}`,
        ENGINES.map((engine) => part.losses[engine][step].toFixed(6)),
      );
    }
  }
  if (document.w2?.cold !== undefined) figures('W2, first step cold, seconds', document.w2.cold);
  lines.push(
    '',
    'ratio: masa ÷ the faster of the others; yardstick: a plain 512³ f32 product in the same process',
  );
  return lines.join('\n');
}
