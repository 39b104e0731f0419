import { UserError } from '../config/errors';
import type { KnobKey } from '../config/knob';
import { isKnobKey } from '../config/knobs';

/** The sentence about a mistake in a sweep file. */
export type Complain = (field: string, problem: string, remedy: string) => UserError;

/** Complaints that name the file and the field. */
export function complaints(file: string): Complain {
  return (field, problem, remedy) => new UserError(`${file}, ${field}`, problem, remedy);
}

/**
 * Runs a check of the engine or the settings; what it complains of gets the place in the file before it.
 *
 * @param place for example `sweep.json, configuration "LoRA"`
 */
export function within<T>(place: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // The message is `subject: problem; remedy.`
    const sentence = error.message.slice(error.subject.length + 2).replace(/\.$/, '');
    const cut = sentence.lastIndexOf('; ');
    throw new UserError(`${place}, ${error.subject}`, sentence.slice(0, cut), sentence.slice(cut + 2));
  }
}

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws for a name that no setting has, and for the seed, which has a field of its own. */
export function requireSetting(field: string, key: string, complain: Complain): asserts key is KnobKey {
  if (!isKnobKey(key)) {
    throw complain(field, 'there is no such setting', '`masa train --help` lists all settings');
  }
  if (key === 'seed') {
    throw complain(field, 'the seeds are the same for all configurations', 'put them into "seeds"');
  }
}
