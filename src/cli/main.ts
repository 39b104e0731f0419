import { dawn } from './gpu';
import type { Io } from './io';
import { runCommand } from './runCommand';

/** The command as a process: words from the command line, answers on the standard streams. */
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second time nobody wants to wait for anything to be saved.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort();
  });
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read the output (`head`, `less`) has had enough.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

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
