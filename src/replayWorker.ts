import { fetchRecording } from './replay/fetchRecording';
import { ReplaySession } from './replay/session';
import type { Recording } from './replay/recording';
import { serve } from './worker/serve';

/** Entry of the worker that stands in where nothing can be trained: it says what the training one said then. */
let fetched: Promise<Recording> | undefined;
serve((post) => new ReplaySession(() => (fetched ??= fetchRecording()), post));
