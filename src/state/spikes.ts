/** A loss far above its neighbours. */
export interface Spike {
  readonly step: number;
  readonly value: number;
}

/** Values that are seen before anything is called unusual. */
const WARM_UP = 20;
/** Of the running mean and of the running mean distance from it: the last twenty steps or so count. */
const MEMORY = 0.95;
/** Mean distances above the running mean; for normal noise that is more than six standard deviations. */
const LIMIT = 8;
/** Least mean distance that is reckoned with, as a share of the mean: a smooth curve is not all spikes. */
const LEAST_NOISE = 0.02;
/** Steps without one, after which the next is a spike of its own. */
const APART = 5;

/**
 * Where a loss jumps: far above the running mean, measured in the running mean distance from it. What is far above
 * counts in both only as far as the limit, so that one spike does not hide the next and a new level is soon the usual
 * one. Of neighbouring steps the highest is told.
 *
 * @param steps rising step numbers, one for each loss
 */
export function detectSpikes(steps: Float64Array, losses: Float64Array): Spike[] {
  const spikes: Spike[] = [];
  let [mean, distance, seen] = [0, 0, 0];
  let quiet = Infinity; // steps since the last one above the limit
  for (let index = 0; index < losses.length; index++) {
    const [step = 0, value = NaN] = [steps[index], losses[index]];
    if (!Number.isFinite(value)) continue;
    seen += 1;
    if (seen === 1) mean = value;
    const limit = LIMIT * Math.max(distance, LEAST_NOISE * Math.abs(mean));
    const spiking = seen > WARM_UP && value - mean > limit;
    quiet = spiking ? quiet : quiet + 1;
    if (spiking) {
      const last = spikes.at(-1);
      const again = last !== undefined && quiet < APART;
      quiet = 0;
      if (!again) spikes.push({ step, value });
      else if (value > last.value) spikes[spikes.length - 1] = { step, value };
    }
    const counted = spiking ? mean + limit : value;
    // Both are plain means at first, so that the first value does not linger.
    const weight = Math.min(MEMORY, 1 - 1 / seen);
    distance = weight * distance + (1 - weight) * Math.abs(counted - mean);
    mean = weight * mean + (1 - weight) * counted;
  }
  return spikes;
}
