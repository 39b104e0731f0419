import { UserError } from '../config/errors';
import { parseRecording } from './parseRecording';
import type { Recording } from './recording';
import address from './recordings/clerk.json?url';

/**
 * Fetches the recording that comes with the page.
 *
 * @throws UserError where it does not come, or is not as it should be
 */
export async function fetchRecording(): Promise<Recording> {
  // Beside the program where it was built, beside the page where it is served from sources.
  const response = await fetch(new URL(address, import.meta.url)).catch(() => undefined);
  if (response?.ok !== true) {
    throw new UserError('Recorded run', 'it could not be fetched from this page’s server', 'reload the page');
  }
  return parseRecording(await response.json().catch(() => undefined));
}
