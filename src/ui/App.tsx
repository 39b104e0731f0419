import { lazy, Suspense, useEffect } from 'react';
import { useStore } from 'zustand';
import { deviceStore } from '../state/device';
import { chooseDropped } from '../state/reading';
import { runStore } from '../state/run';
import { runsStore, wouldBeLost } from '../state/runs';
import { chosenScenario, currentSettings, setupStore } from '../state/setup';
import { dismissLinkProblem, shareStore } from '../state/share';
import { viewStore } from '../state/view';
import { METHODS } from '../engine/adapters/registry';
import { Charts } from './charts/Charts';
import { AccuracyCard } from './live/AccuracyCard';
import { BeforeAfter } from './live/BeforeAfter';
import { ProgressLine } from './live/ProgressLine';
import { MethodPicture } from './picture/MethodPicture';
import { DataCard } from './setup/DataCard';
import { KnobList } from './setup/KnobList';
import { MethodPicker } from './setup/MethodPicker';
import { ModelCard } from './setup/ModelCard';
import { RunBar } from './setup/RunBar';
import { Unkept } from './runs/Unkept';
import { useDrop } from './shared/DropCard';
import { Notice } from './shared/Notice';
import { Drawer } from './shell/Drawer';
import { Fold } from './shell/Fold';
import { NewerVersion, WorksOffline } from './shell/Offline';
import { Spoken, useTabProgress } from './shell/Spoken';
import { useNarrow } from './shell/useNarrow';
import { useShortcuts } from './shell/useShortcuts';
import { TopBar } from './TopBar';
import { Unsupported } from './Unsupported';

const Palette = lazy(() => import('./shell/Palette'));
const KeysHelp = lazy(() => import('./shell/KeysHelp'));

/** The screen: set-up on the left in the order of thinking, what comes of it in the middle, the drawer on the right. */
export function App() {
  const device = useStore(deviceStore);
  const drawer = useStore(viewStore, (view) => view.drawer);
  const { listeners } = useDrop((source) => void chooseDropped(source));
  useTheme();
  useLeaveGuard();
  useTabProgress();
  useShortcuts();
  useKeptComparison();
  const narrow = useNarrow();
  return (
    <div className="page" {...listeners}>
      <TopBar />
      {device.status === 'ready' || device.status === 'checking' ? null : <Unsupported device={device} />}
      <div className="columns" data-drawer={drawer === undefined ? 'closed' : 'open'}>
        {narrow ? <Lede /> : null}
        <Setup />
        <Results />
        <Drawer />
      </div>
      <Spoken />
      <Dialogs />
    </div>
  );
}

function Setup() {
  return (
    <aside className="setup" aria-label="Setup">
      <div className="setup-scroll">
        <Fold title={<SetupSummary />}>
          <ModelCard />
          <DataCard />
          <MethodPicker />
          <KnobList />
        </Fold>
      </div>
      <RunBar />
    </aside>
  );
}

/** The set-up in one line, for screens that fold it away. */
function SetupSummary() {
  const model = useStore(setupStore, (setup) => setup.model.chosen?.info.name);
  const data = useStore(setupStore, (setup) => chosenScenario(setup)?.id ?? setup.data.chosen?.info.name);
  const method = useStore(setupStore, () => METHODS[currentSettings().values.method].label);
  const parts = [model, data, method].filter((part) => part !== undefined);
  return (
    <>
      Set-up <span className="muted">{parts.join(' · ')}</span>
    </>
  );
}

/** What this is, and what to do first. */
function Lede() {
  const idle = useStore(runStore, ({ status }) => status.phase === 'idle');
  const verb = useStore(deviceStore, ({ status }) => (status === 'replay' ? 'Replay' : 'Train'));
  if (!idle) return null;
  return (
    <section className="lede" aria-label="What this is">
      Teach a small language model something new, on your own graphics card. Press <strong>{verb}</strong> and
      watch its answers change. Everything stays on this computer. <WorksOffline />
    </section>
  );
}

/** Before a run the method is what there is to see; once there is one, its curves come first. */
function Results() {
  const idle = useStore(runStore, ({ status }) => status.phase === 'idle');
  const picture = (
    <Fold key="picture" title="The method in this model" open={idle}>
      <MethodPicture />
    </Fold>
  );
  const charts = <Charts key="charts" />;
  const narrow = useNarrow();
  return (
    <main className="results">
      {narrow ? null : <Lede />}
      <NewerVersion />
      <LinkNotice />
      <ProgressLine />
      <Unkept />
      <BeforeAfter />
      {idle ? [picture, charts] : [charts, picture]}
      <Fold title="Accuracy on held-out questions">
        <AccuracyCard />
      </Fold>
    </main>
  );
}

/** What of the address could not be used. */
function LinkNotice() {
  const problem = useStore(shareStore, (state) => state.problem);
  if (problem === undefined) return null;
  return <Notice onDismiss={dismissLinkProblem}>{problem}</Notice>;
}

function Dialogs() {
  const dialog = useStore(viewStore, (view) => view.dialog);
  return (
    <Suspense>
      {dialog === 'palette' ? <Palette /> : null}
      {dialog === 'keys' ? <KeysHelp /> : null}
    </Suspense>
  );
}

/** A comparison that a reload broke into goes on, whether or not its tab is open. */
function useKeptComparison() {
  const isReady = useStore(
    setupStore,
    ({ model, data }) => model.chosen !== undefined && data.chosen !== undefined,
  );
  useEffect(() => {
    if (isReady) void import('../state/sweepQueue').then(({ restoreSweep }) => restoreSweep());
  }, [isReady]);
}

function useTheme() {
  const theme = useStore(viewStore, (view) => view.theme);
  useEffect(() => {
    if (theme === undefined) delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
}

/** Asks before the tab is closed with a run that the browser could not keep; any other goes on by itself. */
function useLeaveGuard() {
  // Not the run itself: it changes with every step, and the whole page would be drawn anew.
  useStore(runsStore, (runs) => wouldBeLost(runs, runStore.getState()));
  const asks = useStore(runStore, (run) => wouldBeLost(runsStore.getState(), run));
  useEffect(() => {
    if (!asks) return;
    const ask = (event: BeforeUnloadEvent) => {
      event.preventDefault();
    };
    addEventListener('beforeunload', ask);
    return () => {
      removeEventListener('beforeunload', ask);
    };
  }, [asks]);
}
