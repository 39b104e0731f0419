import { useStore } from 'zustand';
import { describeDevice, deviceStore } from '../../state/device';
import { logStore, type LogLine } from '../../state/log';
import { saveFile } from '../../storage/localFiles';

/** What happened since the page was opened, to read and to take along with a question. */
export default function LogPanel() {
  const lines = useStore(logStore, (log) => log.lines);
  const device = useStore(deviceStore, describeDevice);
  return (
    <section className="card" aria-label="Log">
      <div className="card-head">
        <h2>Log</h2>
        <button
          type="button"
          className="button quiet"
          disabled={lines.length === 0}
          onClick={() => {
            saveFile('log.txt', [`GPU: ${device}`, ...lines.map(asText), ''].join('\n'), 'text/plain');
          }}
        >
          Save
        </button>
      </div>
      <p className="small muted">GPU: {device}</p>
      {lines.length === 0 ? (
        <p className="muted log-empty">
          Nothing has happened yet. Runs, checks and errors are written down here.
        </p>
      ) : (
        <ol className="log" tabIndex={0} aria-label="What happened">
          {lines.map((line, index) => (
            <li key={index}>
              <time className="number">{clock(line.at)}</time> {line.text}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function clock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}

function asText({ at, text }: LogLine): string {
  return `${new Date(at).toISOString()} ${text}`;
}
