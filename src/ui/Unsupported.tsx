import type { Recording } from '../replay/recording';
import type { DeviceState } from '../state/device';
import { webGpuAdvice } from './advice';
import { formatDay } from './shared/format';

/** The browser cannot train. */
export type Unable = Extract<DeviceState, { readonly status: 'missing' | 'refused' | 'replay' }>;

/** Over the page where nothing can be trained: why, what is shown instead, and what to do in exactly this browser. */
export function Unsupported({ device }: { readonly device: Unable }) {
  const { browser, steps } = webGpuAdvice(navigator.userAgent, isSecureContext);
  const reason =
    device.status === 'replay' ? device.reason : device.status === 'refused' ? device.message : undefined;
  return (
    <section className="unsupported" aria-labelledby="unsupported">
      <div className="unsupported-row">
        <div>
          <h2 id="unsupported">
            {reason === undefined
              ? `This page cannot train here, because ${browser} offers it no WebGPU.`
              : 'This page cannot train here, because it gets no GPU.'}
          </h2>
          {reason === undefined ? null : <p role="alert">{reason}</p>}
          {device.status === 'replay' ? <Recorded recording={device.recording} /> : null}
        </div>
        <button
          type="button"
          className="button quiet"
          onClick={() => {
            location.reload();
          }}
        >
          Try again
        </button>
      </div>
      <details className="details">
        <summary>What to do in {browser === 'This browser' ? 'this browser' : browser}</summary>
        <p className="small">
          Training happens on your own graphics card, and nothing is sent anywhere. For that the page needs
          WebGPU, the browser’s door to the graphics card.
        </p>
        <ol className="small">
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </details>
    </section>
  );
}

/** What the run on the page is, so that nobody takes it for one of this machine. */
function Recorded({ recording }: { readonly recording: Recording }) {
  const { date, device, model, scenario, run } = recording;
  return (
    <p>
      <strong className="recorded-mark">Recording</strong> What runs here ran before:{' '}
      {`${run.max_steps} steps of ${scenario} on ${model.name}. `}
      {`Recorded on ${device.name}, ${formatDay(date)}.`}
    </p>
  );
}
