import { useStore } from 'zustand';
import { isSweeping, sweepStore, type SweepState } from '../../state/sweep';
import { formatCount, formatShare } from '../shared/format';

/** Every run with what it trains and how far it is: those that would start, or those of the sweep under way. */
export function RunList() {
  const state = useStore(sweepStore);
  const { draft, draftProblem, sweep } = state;
  const shown = isSweeping(state) ? sweep : draft;
  if (shown === undefined)
    return <p className="small muted">{draftProblem ?? 'Choose a model and data first.'}</p>;
  const { configurations, runs } = shown.plan;
  const isMatched = configurations.some(({ budgetRatio }) => (budgetRatio ?? 1) !== 1);
  return (
    <div className="compare-scroll runs" role="region" aria-label="Runs" tabIndex={0}>
      <table className="compare-table number">
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Seed</th>
            <th scope="col">r</th>
            <th scope="col">
              Trainable weights{isMatched ? <span className="compare-share"> (beside the first)</span> : null}
            </th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {runs.map(({ id, configuration, seed, run }) => {
            const own = configurations.find(({ name }) => name === configuration);
            const ratio = own?.budgetRatio ?? 1;
            return (
              <tr key={id} aria-current={state.job?.id === id ? 'true' : undefined}>
                <th scope="row">{configuration}</th>
                <td>{seed}</td>
                <td>{run.r}</td>
                <td>
                  {formatCount(own?.weights ?? 0)}
                  {ratio === 1 ? null : (
                    <span className="muted compare-share">{` (${ratio > 1 ? '+' : '−'}${formatShare(Math.abs(ratio - 1))})`}</span>
                  )}
                </td>
                <td>{stateOf(id, state)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function stateOf(id: string, { job, outcomes }: SweepState): string {
  if (job?.id === id) return jobText(job);
  const outcome = outcomes.runs.get(id);
  if (outcome?.status === 'failed') return `failed: ${outcome.sentence}`;
  return outcome === undefined ? 'waits' : 'done';
}

/** What a job is at, in words. */
export function jobText({ stage, done, total }: NonNullable<SweepState['job']>): string {
  switch (stage) {
    case 'loading':
      return 'loading the model';
    case 'compiling':
      return `compiling kernels, ${done} of ${total}`;
    case 'training':
      return `step ${formatCount(done)} of ${formatCount(total)}`;
    case 'asking':
      return `asking, ${formatCount(done)} of ${formatCount(total)} answers weighed`;
  }
}
