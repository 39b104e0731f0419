import { dawn } from './gpu';
import type { Io } from './io';
import { runCommand } from './runCommand';

/** npm passes a Ctrl-C on that the terminal has delivered already: two signals so close are one. */
const ONE_KEYPRESS_MS = 1000;

const interruption = new AbortController();
let interruptedAt = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    const now = performance.now();
    if (!interruption.signal.aborted) {
      interruptedAt = now;
      interruption.abort();
    } else if (now - interruptedAt > ONE_KEYPRESS_MS) {
      process.exit(130); // asked twice: nobody wants to wait for anything to be saved
    }
  });
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read the output (`head`, `less`) has had enough.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

/** The command as a process: words from the command line, answers on the standard streams. */
const io: Io = {
  out: (text) => {
    process.stdout.write(text);
  },
  err: (text) => {
    process.stderr.write(text);
  },
  terminal: process.stderr.isTTY,
  interrupted: interruption.signal,
  gpu: dawn,
};

process.exitCode = await runCommand(process.argv.slice(2), io);
