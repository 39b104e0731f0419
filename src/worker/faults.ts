import { UserError } from '../config/errors';

/** Nothing can be read from the device any more, not even what it had learnt. */
export class DeviceLost extends UserError {
  constructor(reason: string) {
    super('The run ended early', reason, 'press Resume to go on from its last snapshot');
  }
}

/** The same in a run of a comparison, of which nothing is kept. The next run gets a new device. */
export class JobLost extends UserError {
  constructor(reason: string) {
    super('This run of the comparison ended early', reason, 'go on with the comparison to do it again');
  }
}

/** Refusal of what needs an adapter. */
export function nothingTrained(): UserError {
  return new UserError('adapter', 'nothing has been trained yet', 'train for at least one step');
}

/** One sentence for the page about anything that was thrown, by `who` where it is a fault of ours. */
export function sentence(error: unknown, who = 'The training worker'): string {
  if (error instanceof UserError) return error.message;
  const reason = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  return `${who} met a fault: ${reason}; your model, data and settings are kept.`;
}
