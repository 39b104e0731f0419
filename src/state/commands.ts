import { METHODS } from '../engine/adapters/registry';
import { SCENARIOS } from '../scenarios/table';
import { exportAdapter, pause, resume, sampleAgain, setKnob, setTouched, step, stop, train } from './actions';
import { historyStore, redo, undo } from './history';
import { chooseData, scenarioSource } from './reading';
import { install, offlineStore } from './offline';
import { isActive, isOnlyShown, runStore } from './run';
import { setupStore } from './setup';
import { share } from './share';
import { trainObstacle } from './obstacle';
import { setChartView, setDialog, setDrawer, setTheme, viewStore, type DrawerTab } from './view';

/** One thing that can be done, whichever way: a button, a key, or the palette. */
export interface Command {
  readonly id: string;
  readonly label: string;
  readonly group: 'Run' | 'Set-up' | 'View' | 'Method' | 'Scenario';
  /** As pressed and as shown, `Mod` being Ctrl, or Command on a Mac: `S`, `Space`, `Mod+Shift+Z`. */
  readonly shortcut?: string;
  /** Whether it can be done now; always where absent. */
  readonly when?: () => boolean;
  readonly run: () => void;
}

const phase = () => runStore.getState().status.phase;
const hasAdapter = () => phase() === 'done' || phase() === 'paused';

/** Starts, pauses or goes on, whichever comes next. */
function runOrPause(): void {
  const { status } = runStore.getState();
  if (status.phase === 'running') void pause();
  else if (status.phase === 'paused' || (status.phase === 'failed' && status.resumable !== undefined)) {
    void resume();
  } else void train();
}

function canRunOrPause(): boolean {
  const { status } = runStore.getState();
  if (status.phase === 'running') return status.asked === undefined;
  if (status.phase === 'paused') return true;
  return !isActive(status) && trainObstacle() === undefined;
}

const drawer = (tab: DrawerTab, label: string, shortcut?: string): Command => ({
  id: `drawer.${tab}`,
  label,
  group: 'View',
  ...(shortcut === undefined ? {} : { shortcut }),
  run: () => {
    setDrawer(tab);
  },
});

/** Everything that can be done, in the order of the palette. */
export const COMMANDS: readonly Command[] = [
  {
    id: 'run',
    label: 'Run or pause',
    group: 'Run',
    shortcut: 'Space',
    when: canRunOrPause,
    run: runOrPause,
  },
  {
    id: 'step',
    label: 'One step, then pause again',
    group: 'Run',
    shortcut: 'S',
    when: () => phase() === 'paused',
    run: () => void step(),
  },
  {
    id: 'stop',
    label: 'Stop the run',
    group: 'Run',
    when: () => isActive(runStore.getState().status),
    run: () => void stop(),
  },
  {
    id: 'sample',
    label: 'Continue the prompt again',
    group: 'Run',
    when: () => (hasAdapter() || phase() === 'running') && !isOnlyShown(runStore.getState()),
    run: () => void sampleAgain(),
  },
  {
    id: 'export',
    label: 'Export the adapter',
    group: 'Run',
    when: hasAdapter,
    run: () => {
      setDrawer('export');
      void exportAdapter();
    },
  },
  {
    id: 'undo',
    label: 'Undo',
    group: 'Set-up',
    shortcut: 'Mod+Z',
    when: () => historyStore.getState().past.length > 0,
    run: () => void undo(),
  },
  {
    id: 'redo',
    label: 'Redo',
    group: 'Set-up',
    shortcut: 'Mod+Shift+Z',
    when: () => historyStore.getState().future.length > 0,
    run: () => void redo(),
  },
  {
    id: 'reset',
    label: 'Reset all settings',
    group: 'Set-up',
    shortcut: 'R',
    when: () => Object.keys(setupStore.getState().touched).length > 0,
    run: () => {
      setTouched({});
    },
  },
  {
    id: 'share',
    label: 'Copy a link to this set-up',
    group: 'Set-up',
    run: () => void share(true),
  },
  drawer('runs', 'Show the runs'),
  drawer('experts', 'Look inside the experts'),
  drawer('compare', 'Compare methods', 'C'),
  drawer('chat', 'Chat'),
  drawer('export', 'Show the export', 'E'),
  drawer('log', 'Show the log'),
  {
    id: 'drawer.close',
    label: 'Close the drawer',
    group: 'View',
    when: () => viewStore.getState().drawer !== undefined,
    run: () => {
      setDrawer(undefined);
    },
  },
  {
    id: 'logAxis',
    label: 'Switch the loss between a linear and a log axis',
    group: 'View',
    shortcut: 'L',
    run: () => {
      setChartView({ logY: !viewStore.getState().logY });
    },
  },
  ...(['light', 'dark'] as const).map((theme): Command => ({
    id: `theme.${theme}`,
    label: theme === 'light' ? 'Light colours' : 'Dark colours',
    group: 'View',
    run: () => {
      setTheme(theme);
    },
  })),
  {
    id: 'install',
    label: 'Install as an app',
    group: 'View',
    when: () => offlineStore.getState().install !== undefined,
    run: () => void install(),
  },
  {
    id: 'keys',
    label: 'Show the keys',
    group: 'View',
    shortcut: '?',
    run: () => {
      setDialog('keys');
    },
  },
  {
    id: 'palette',
    label: 'Find a command',
    group: 'View',
    shortcut: 'Mod+K',
    run: () => {
      setDialog('palette');
    },
  },
  ...Object.values(METHODS).map((method, index): Command => ({
    id: `method.${method.id}`,
    label: `Method ${method.label}`,
    group: 'Method',
    shortcut: String(index + 1),
    run: () => {
      setKnob('method', method.id);
    },
  })),
  ...SCENARIOS.map(({ id, title }): Command => ({
    id: `scenario.${id}`,
    label: `Teach ${id.replaceAll('_', ' ')}: ${title}`,
    group: 'Scenario',
    run: () => void chooseData(scenarioSource(id)),
  })),
];

/** The command of an id. */
export function command(id: string): Command {
  const found = COMMANDS.find((row) => row.id === id);
  if (found === undefined) throw new Error(`there is no command ${id}`);
  return found;
}

/** Whether a command can be done now. */
export function isAvailable({ when }: Command): boolean {
  return when === undefined || when();
}

/** A key as it was pressed. */
export type Press = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** The command of a key, whether or not it can be done now. */
export function commandOf(press: Press): Command | undefined {
  const name = keyName(press);
  return name === undefined ? undefined : COMMANDS.find(({ shortcut }) => shortcut === name);
}

function keyName({ key, ctrlKey, metaKey, shiftKey, altKey }: Press): string | undefined {
  if (altKey) return undefined;
  const mod = ctrlKey || metaKey;
  const name = key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key;
  // Which keys need Shift for a sign such as ? differs from keyboard to keyboard.
  const shift = shiftKey && /^[A-Z]$/.test(name);
  if (shift && !mod) return undefined;
  return `${mod ? 'Mod+' : ''}${shift ? 'Shift+' : ''}${name}`;
}

/**
 * Commands whose label has all letters of a text in their order, best first: whole words before beginnings of words
 * before letters that are far apart. All of them, in their own order, where the text is empty.
 */
export function findCommands(text: string, commands: readonly Command[]): readonly Command[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return commands;
  return commands
    .map((row) => ({ row, score: matchScore(wanted, `${row.label} ${row.group}`.toLowerCase()) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ row }) => row);
}

function matchScore(wanted: string, label: string): number {
  const at = label.indexOf(wanted);
  if (at >= 0) return at === 0 || label[at - 1] === ' ' ? 3 : 2;
  let from = 0;
  for (const letter of wanted.replaceAll(' ', '')) {
    const next = label.indexOf(letter, from);
    if (next < 0) return 0;
    from = next + 1;
  }
  return wanted.length / from; // in (0, 1]
}
