/** `npm start`: installs what is missing, builds, serves the page on this machine and opens it. */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { ensurePage } from './build.mjs';
import { ensurePackages } from './packages.mjs';
import { serveDist } from './serve.mjs';
import { SetupError, isCI, runMain, say } from './support.mjs';

const USAGE = `npm start [-- --port N] [--no-open]

  --port N    serve on this port (default: the first free one from 6272)
  --no-open   do not open the page in a browser`;

await runMain(async () => {
  const { port, open, help } = readArguments(process.argv.slice(2));
  if (help) {
    say(USAGE);
    return;
  }
  await ensurePackages();
  await ensurePage();
  const { address } = await serveDist(port === undefined ? {} : { port });
  console.log(`\n  The MASA playground is at ${address}\n  Stop it with Ctrl+C.\n`);
  if (open) openBrowser(address);
});

/**
 * @param {string[]} args
 * @returns {{ port: number | undefined, open: boolean, help: boolean }}
 */
function readArguments(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
      throw new SetupError(`--port ${values.port} is not a port; give a whole number from 1 to 65535.`);
    }
    return { port, open: !values['no-open'] && !isCI, help: values.help };
  } catch (error) {
    if (error instanceof SetupError) throw error;
    throw new SetupError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

/**
 * Opens the user's browser where there is one; a machine without any is no failure.
 * @param {string} address
 */
function openBrowser(address) {
  const { platform, env } = process;
  const hasScreen = Boolean(env.DISPLAY ?? env.WAYLAND_DISPLAY ?? env.WSL_DISTRO_NAME);
  if (platform === 'linux' && !hasScreen) return;
  const [command, ...args] =
    platform === 'darwin'
      ? ['open', address]
      : platform === 'win32'
        ? ['cmd', '/c', 'start', '', address]
        : ['xdg-open', address];
  const child = spawn(command ?? '', args, { stdio: 'ignore', detached: true });
  child.on('error', () => {
    say('  No browser could be opened; open the address yourself.');
  });
  child.unref();
}
