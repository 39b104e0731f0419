import type { CommanderError } from 'commander';
import { UserError } from '../config/errors';

/**
 * Brings the flags into their one spelling: `--lora-alpha` becomes `--lora_alpha`. Values stay as they are,
 * even those that look like flags.
 *
 * @param switches flags that need no value, in their one spelling
 */
export function normaliseFlags(argv: readonly string[], switches: ReadonlySet<string>): string[] {
  let valueFollows = false;
  return argv.map((word) => {
    if (valueFollows) {
      valueFollows = false;
      return word;
    }
    const flag = /^--[^=]+/.exec(word)?.[0];
    if (flag === undefined) return word;
    const known = `--${flag.slice(2).replaceAll('-', '_')}`;
    valueFollows = flag === word && !switches.has(known);
    return `${known}${word.slice(flag.length)}`;
  });
}

/**
 * What commander has to say about the words of the command line, as one sentence of ours.
 *
 * @param name the command, '' where there is none yet
 * @param argv the words as they were typed, before normaliseFlags
 */
export function usageError(error: CommanderError, name: string, argv: readonly string[]): UserError {
  const help = `\`masa${name === '' ? '' : ` ${name}`} --help\``;
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const [known = ''] = quoted.split(' ');
  const typed = argv.find((word) => normaliseFlags([word], new Set())[0] === known) ?? known;
  const flag = typed.replace(/=.*/s, '');
  const near = /Did you mean (?:one of )?(.+)\?/.exec(error.message)?.[1];
  const cure = near === undefined ? `see ${help}` : `did you mean ${near}? (${help} lists all)`;
  switch (error.code) {
    case 'commander.unknownOption':
      return new UserError(flag, 'there is no such flag', cure);
    case 'commander.unknownCommand':
      return new UserError(quoted, 'there is no such command', cure);
    case 'commander.optionMissingArgument':
      return new UserError(flag, 'its value is missing', `give ${quoted}`);
    case 'commander.missingArgument':
      return new UserError(`masa ${name}`, `the argument ${quoted} is missing`, `see ${help}`);
    case 'commander.excessArguments':
      return new UserError(
        `masa ${name}`,
        'there are words that belong to no flag',
        `put texts with spaces in quotes, and see ${help}`,
      );
    default:
      return new UserError(`masa ${name}`, error.message.replace(/^error: /, ''), `see ${help}`);
  }
}
