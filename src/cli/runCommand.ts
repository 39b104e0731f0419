import { Command, CommanderError, Option } from 'commander';
import packageFile from '../../package.json';
import { UserError } from '../config/errors';
import type { CommandSpec, FlagSpec } from './commandSpec';
import { COMMANDS } from './commands';
import { Flags } from './flags';
import { Interrupted, type Io, type Outcome } from './io';
import { normaliseFlags, usageError } from './usage';

/** Exit codes: success, a fault of ours, a mistake in usage or input, and (as shells have it) Ctrl-C. */
const EXIT = { done: 0, fault: 1, usage: 2, interrupted: 130 } as const;

/** Flags that need no value. */
const SWITCHES = new Set([
  ...['--json', '--help', '--version'],
  ...COMMANDS.flatMap(({ flags }) => flags.filter(({ preset }) => preset !== undefined)).map(
    ({ key }) => `--${key}`,
  ),
]);

/**
 * Runs one call of the command and returns the exit code.
 *
 * @param argv the words after the program's name
 */
export async function runCommand(argv: readonly string[], io: Io): Promise<number> {
  let called = '';
  let json = false;
  let outcome: Outcome | undefined;
  const program = buildProgram(io, async (spec, flags) => {
    json = flags.json;
    outcome = await spec.run(flags, io);
  });
  program.hook('preSubcommand', (_, sub) => {
    called = sub.name();
  });
  try {
    if (argv.length === 0) throw noCommand();
    await program.parseAsync(normaliseFlags(argv, SWITCHES), { from: 'user' });
    if (outcome !== undefined) print(outcome, json, io);
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    return fail(error instanceof CommanderError ? usageError(error, called, argv) : error, json, io);
  }
}

function buildProgram(io: Io, run: (spec: CommandSpec, flags: Flags) => Promise<void>): Command {
  const program = new Command('masa')
    .description('Fine-tunes LLaMA checkpoints with MASA and LoRA. In flags, - and _ are the same.')
    .version(packageFile.version, '--version', 'print the version')
    .addOption(jsonOption())
    .configureOutput({
      writeOut: (text) => {
        io.out(text);
      },
      // Commander's own error lines; ours are written in their place.
      writeErr: () => undefined,
    })
    .exitOverride();
  for (const spec of COMMANDS) {
    const command = program.command(spec.name).description(spec.summary);
    if (spec.argument !== undefined) command.argument(`<${spec.argument.value}>`, spec.argument.hint);
    for (const flag of spec.flags) command.addOption(option(flag));
    command.addOption(jsonOption());
    command.action(async () => {
      const values = new Map<string, string>();
      for (const [key, value] of Object.entries(command.opts<Record<string, unknown>>())) {
        if (typeof value === 'string') values.set(key, value);
      }
      const [argument] = command.args;
      if (spec.argument !== undefined && argument !== undefined) values.set(spec.argument.key, argument);
      requireFlags(spec, values);
      await run(spec, new Flags(values, command.optsWithGlobals<{ json?: boolean }>().json === true));
    });
  }
  return program;
}

function option({ key, value, hint, required = false, preset }: FlagSpec): Option {
  if (preset !== undefined) return new Option(`--${key} [${value}]`, hint).preset(preset);
  return new Option(`--${key} <${value}>`, required ? `${hint} (required)` : hint);
}

/** Commander would ask for these before it finds the misspelt flag that the user meant. */
function requireFlags({ name, flags }: CommandSpec, values: ReadonlyMap<string, string>): void {
  const missing = flags.find(({ key, required = false }) => required && !values.has(key));
  if (missing === undefined) return;
  const { key, value } = missing;
  throw new UserError(
    `--${key}`,
    'this flag is missing',
    `give --${key} ${value} (see \`masa ${name} --help\`)`,
  );
}

function jsonOption(): Option {
  return new Option('--json', 'answer with one JSON document on standard output');
}

function noCommand(): UserError {
  const names = COMMANDS.map(({ name }) => name).join(', ');
  return new UserError('masa', 'no command is given', `give one of ${names} (\`masa --help\` explains them)`);
}

function print(outcome: Outcome, json: boolean, io: Io): void {
  if (json) io.out(`${JSON.stringify(outcome.document)}\n`);
  else if (outcome.text !== '') io.out(`${outcome.text}\n`);
}

function fail(error: unknown, json: boolean, io: Io): number {
  if (error instanceof UserError) {
    io.err(`${oneLine(error.message)}\n`);
    return EXIT.usage;
  }
  if (error instanceof Interrupted) {
    io.err(`${error.message}\n`);
    if (error.outcome !== undefined) print(error.outcome, json, io);
    return EXIT.interrupted;
  }
  // What the engine throws where it looks at the signal, for commands that have nothing to save.
  if (io.interrupted.aborted && error === io.interrupted.reason) {
    io.err('Stopped.\n');
    return EXIT.interrupted;
  }
  io.err(
    `This is a fault of the program: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.fault;
}

function oneLine(message: string): string {
  return message.replace(/\s*\n\s*/g, ' ');
}
