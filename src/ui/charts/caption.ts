import type { RunConfig } from '../../config/runConfig';
import type { ViewState } from '../../state/view';
import { AXIS_NAMES } from './axes';
import type { Source } from './curves';
import type { ChartSpec } from './registry';

/** What a figure of a report says below it: the quantity, how it is drawn, and every run with its settings. */
export function figureCaption(
  { title, label, smoothed }: Pick<ChartSpec, 'title' | 'label' | 'smoothed'>,
  sources: readonly Source[],
  { smoothing, xAxis, logX, logY }: Pick<ViewState, 'smoothing' | 'xAxis' | 'logX' | 'logY'>,
): string {
  const what = label === '' ? title : `${title} (${label})`;
  const logs = [...(logX ? ['x'] : []), ...(logY ? ['y'] : [])];
  const how = [
    ...(smoothed && smoothing > 0 ? [`moving average of weight ${smoothing}, values behind it`] : []),
    ...(logs.length > 0 ? [`logarithmic ${logs.join(' and ')}`] : []),
  ];
  const runs = sources
    .filter(({ log }) => log.length > 0)
    .reverse()
    .map(({ name, settings }) => `${name === '' ? 'This run' : name}: ${settingsText(settings)}.`);
  return [`${what} by ${AXIS_NAMES[xAxis]}${how.length > 0 ? `, ${how.join(', ')}` : ''}.`, ...runs].join(
    ' ',
  );
}

/** The settings that make a result, by the names that the field uses. */
export function settingsText(settings: RunConfig | undefined): string {
  if (settings === undefined) return 'settings not recorded';
  const { method, r, lora_alpha, num_experts, group_size, learning_rate, lr_scheduler_type } = settings;
  const {
    per_device_train_batch_size: batch,
    gradient_accumulation_steps: times,
    max_length,
    seed,
  } = settings;
  return [
    `method ${method}`,
    ...(method === 'lora' ? [] : [`num_experts ${num_experts}`]),
    ...(method === 'masa' ? [`group_size ${group_size}`] : []),
    `r ${r}`,
    `lora_alpha ${lora_alpha}`,
    `target_modules ${settings.target_modules.join(' ')}`,
    `learning_rate ${learning_rate} ${lr_scheduler_type}`,
    `max_steps ${settings.max_steps}`,
    `batch ${batch * times} × ${max_length} tokens`,
    `seed ${seed}`,
  ].join(', ');
}
