import { useEffect } from 'react';
import { useStore } from 'zustand';
import { setupStore } from '../../state/setup';
import { sweepStore } from '../../state/sweep';
import { draftSweep, restoreSweep } from '../../state/sweepQueue';
import { useSettings } from '../setup/useSettings';
import './compare.css';
import { CompareResults } from './CompareResults';
import { CompareSetup } from './CompareSetup';
import { RunList } from './RunList';
import { SweepBar } from './SweepBar';

/** Several methods with several seeds, one run after the other, and what came of them side by side. */
export default function CompareCard() {
  useDraft();
  return (
    <section className="card compare" aria-label="Compare methods">
      <div className="card-head">
        <h2>Compare methods</h2>
      </div>
      <CompareSetup />
      <RunList />
      <SweepBar />
      <CompareResults />
    </section>
  );
}

/** Keeps the plan up to what is chosen; once model and data are there, an earlier visit's sweep comes back. */
function useDraft() {
  const choice = useStore(sweepStore, (state) => state.choice);
  const model = useStore(setupStore, (setup) => setup.model.chosen);
  const data = useStore(setupStore, (setup) => setup.data.chosen);
  const { values } = useSettings();
  const isReady = model !== undefined && data !== undefined;
  useEffect(() => {
    if (isReady) void draftSweep();
  }, [choice, model, data, values, isReady]);
  useEffect(() => {
    if (isReady) void restoreSweep();
  }, [isReady]);
}
