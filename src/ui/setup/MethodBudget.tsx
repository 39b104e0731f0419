import type { MethodId, RunConfig } from '../../config/runConfig';
import { describeRatio } from '../../engine/adapters/budget';
import { METHODS } from '../../engine/adapters/registry';
import { matchMethod, methodBudget } from '../../state/budget';
import type { ModelInfo } from '../../worker/protocol';
import { formatCount, formatShare } from '../shared/format';

/**
 * What a method would train with the present settings, which have to be valid, and, unless it is the chosen one, a
 * button that chooses it with the r that gives it the chosen one's budget.
 */
export function MethodBudget({
  method,
  values,
  model,
}: {
  readonly method: MethodId;
  readonly values: RunConfig;
  readonly model: Pick<ModelInfo, 'config' | 'parameters'>;
}) {
  const { weights, match } = methodBudget(method, values, model.config);
  return (
    <div className="method-budget">
      <p className="number">
        <span>{formatCount(weights)} weights</span>{' '}
        <span>{formatShare(weights / model.parameters)} of the base</span>
      </p>
      {match === undefined ? null : (
        <button
          type="button"
          className="button quiet"
          title={`Chooses ${METHODS[method].label} with as many trainable weights as ${METHODS[values.method].label} has now`}
          onClick={(event) => {
            // The chosen card has no such button: go on at its radio button.
            event.currentTarget.closest('.method')?.querySelector('input')?.focus();
            matchMethod(method);
          }}
        >
          Match at r {match.settings.r}
          <span className="visually-hidden">
            : {METHODS[method].label} would train {describeRatio(match.ratio, METHODS[values.method].label)}
          </span>
        </button>
      )}
    </div>
  );
}
