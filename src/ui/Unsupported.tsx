import { webGpuAdvice } from './advice';

/** The whole page where WebGPU is missing or no device was given. */
export function Unsupported({ reason }: { readonly reason: string | undefined }) {
  const { browser, steps } = webGpuAdvice(navigator.userAgent, isSecureContext);
  return (
    <main className="full-page">
      <h1>{reason === undefined ? `${browser} does not offer WebGPU here` : 'The GPU cannot be used'}</h1>
      {reason === undefined ? null : <p role="alert">{reason}</p>}
      <p>
        This page fine-tunes a small language model on your own graphics card, without sending anything
        anywhere. For that it needs WebGPU, the browser’s door to the graphics card.
      </p>
      <h2>What to do</h2>
      <ol>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p>
        <button
          type="button"
          className="button primary"
          onClick={() => {
            location.reload();
          }}
        >
          Try again
        </button>
      </p>
    </main>
  );
}
