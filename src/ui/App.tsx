import { lazy, Suspense, useEffect } from 'react';
import { useStore } from 'zustand';
import { chooseDropped } from '../state/reading';
import { deviceStore } from '../state/device';
import { isActive, runStore } from '../state/run';
import { viewStore } from '../state/view';
import { Charts } from './charts/Charts';
import { AccuracyCard } from './live/AccuracyCard';
import { BeforeAfter } from './live/BeforeAfter';
import { ExportPanel } from './live/ExportPanel';
import { ProgressLine } from './live/ProgressLine';
import { DataCard } from './setup/DataCard';
import { KnobList } from './setup/KnobList';
import { MethodPicker } from './setup/MethodPicker';
import { ModelCard } from './setup/ModelCard';
import { RunBar } from './setup/RunBar';
import { useDrop } from './shared/DropCard';
import { TopBar } from './TopBar';
import { Unsupported } from './Unsupported';

/** Fetched after the page is drawn: nobody needs them for a first run. */
const ExpertsCard = lazy(() => import('./experts/ExpertsCard'));
const CompareCard = lazy(() => import('./compare/CompareCard'));

/** The screen: setup on the left in the order of thinking, what comes of it on the right. */
export function App() {
  const device = useStore(deviceStore);
  const { listeners } = useDrop((source) => void chooseDropped(source));
  useTheme();
  useLeaveGuard();
  const usable = device.status === 'ready' || device.status === 'checking';
  return (
    <div className="page" {...listeners}>
      <TopBar />
      {usable ? (
        <div className="columns">
          <p className="lede">
            Fine-tune a small language model in this tab, on your own graphics card. Everything stays on this
            computer.
          </p>
          <aside className="setup" aria-label="Setup">
            <div className="setup-scroll">
              <ModelCard />
              <DataCard />
              <MethodPicker />
              <KnobList />
            </div>
            <RunBar />
          </aside>
          <main className="results">
            <ProgressLine />
            <BeforeAfter />
            <AccuracyCard />
            <Charts />
            <Suspense fallback={null}>
              <ExpertsCard />
            </Suspense>
            <ExportPanel />
            <Suspense>
              <CompareCard />
            </Suspense>
          </main>
        </div>
      ) : (
        <Unsupported reason={device.status === 'refused' ? device.message : undefined} />
      )}
    </div>
  );
}

function useTheme() {
  const theme = useStore(viewStore, (view) => view.theme);
  useEffect(() => {
    if (theme === undefined) delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
}

/** Asks before the tab is closed in the middle of a run. */
function useLeaveGuard() {
  const active = useStore(runStore, (run) => isActive(run.status));
  useEffect(() => {
    if (!active) return;
    const ask = (event: BeforeUnloadEvent) => {
      event.preventDefault();
    };
    addEventListener('beforeunload', ask);
    return () => {
      removeEventListener('beforeunload', ask);
    };
  }, [active]);
}
