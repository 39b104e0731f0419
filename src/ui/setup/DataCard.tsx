import { useState } from 'react';
import { useStore } from 'zustand';
import { chooseData, dismissProblem } from '../../state/reading';
import { evaluate, evaluationStore } from '../../state/evaluation';
import { isActive, runStore } from '../../state/run';
import { setupStore } from '../../state/setup';
import { sourceOf } from '../../storage/localFiles';
import type { DataInfo, FileSource } from '../../worker/protocol';
import { DropCard } from '../shared/DropCard';
import { FileButton } from '../shared/FileButton';
import { formatCount, formatId } from '../shared/format';
import { Notice } from '../shared/Notice';
import { ScenarioPicker } from './ScenarioPicker';

/** What to teach, with its first examples as the model will see them. */
export function DataCard() {
  const { chosen, reading, problem, refused } = useStore(setupStore, (setup) => setup.data);
  return (
    <DropCard title="Teach it with" onDrop={(source) => void chooseData(source)}>
      <ScenarioPicker />
      {chosen === undefined ? (
        <p className="muted">{reading === undefined ? 'No data yet.' : `Reading ${reading.name} …`}</p>
      ) : (
        <>
          {chosen.source.kind === 'scenario' ? null : <p className="card-title">{chosen.info.name}</p>}
          <DataFacts info={chosen.info} isScenario={chosen.source.kind === 'scenario'} />
          <Examples info={chosen.info} />
          <Skipped info={chosen.info} />
          {reading === undefined ? null : <p className="drop-hint">Reading {reading.name} …</p>}
        </>
      )}
      <QuestionsOffer />
      {problem === undefined ? null : (
        <Notice
          bad
          onDismiss={() => {
            dismissProblem('data');
          }}
        >
          {problem}
        </Notice>
      )}
      {refused === undefined ? null : <Columns refused={refused} />}
      <div className="card-actions">
        <FileButton label="Choose a file" onFiles={(files) => void chooseData(sourceOf(files))} />
      </div>
      <p className="drop-hint">
        Or drop a text, JSON or JSONL file: instructions, questions and answers, or chats. MMLU (CSV), BBH and
        GSM8K files can be asked as questions.
      </p>
    </DropCard>
  );
}

/** Lets a file of questions be asked, whether or not it can be learnt from. */
function QuestionsOffer() {
  const questions = useStore(setupStore, (setup) => setup.questions);
  const busy = useStore(runStore, ({ status }) => isActive(status));
  const asking = useStore(evaluationStore, (evaluation) => evaluation.asking);
  if (questions === undefined) return null;
  const { info, source } = questions;
  const form = info.form === 'choice' ? 'multiple choice' : 'answers to be written';
  return (
    <div className="offer">
      <p className="small">
        Questions found in {info.name}: {formatCount(info.count)}, {form}.
      </p>
      <button
        type="button"
        className="button quiet"
        disabled={busy || asking}
        onClick={() => {
          document.querySelector('.results')?.scrollIntoView(); // on narrow screens it is far below
          void evaluate(source);
        }}
      >
        Ask these questions
      </button>
    </div>
  );
}

/** Reads a refused file again under the field names that the user gives. */
function Columns({ refused }: { readonly refused: FileSource }) {
  const [columns, setColumns] = useState(refused.columns ?? '');
  return (
    <form
      className="mapping"
      onSubmit={(event) => {
        event.preventDefault();
        void chooseData({ ...refused, columns });
      }}
    >
      <label className="field">
        <input
          aria-label="Which of its columns to use"
          placeholder="instruction=question,output=reply"
          value={columns}
          onChange={(event) => {
            setColumns(event.target.value);
          }}
        />
      </label>
      <button type="submit" className="button quiet" disabled={columns.trim() === ''}>
        Read {refused.name} with these columns
      </button>
    </form>
  );
}

function DataFacts({ info, isScenario }: { readonly info: DataInfo; readonly isScenario: boolean }) {
  return (
    <p className="facts">
      {/* How its file would be called is of no use to anybody who does not have the file. */}
      {isScenario ? null : <span>{info.format}</span>}
      <span>{info.records === 1 ? '1 record' : `${formatCount(info.records)} records`}</span>
      {info.tasks.length < 2 ? null : <span>{formatCount(info.tasks.length)} labels</span>}
      {info.skipped === 0 ? null : <span>{formatCount(info.skipped)} skipped</span>}
    </p>
  );
}

function Examples({ info: { examples, tasks } }: { readonly info: DataInfo }) {
  return (
    <>
      <ul className="examples" aria-label="First examples">
        {examples.map(({ task, pieces }, index) => (
          <li key={index} className="example">
            {tasks.length < 2 || task === undefined ? null : (
              <span className="example-label">{formatId(task)}</span>
            )}
            {pieces.map((piece, at) =>
              piece.trained ? (
                <mark key={at}>{onOneLine(piece.text)}</mark>
              ) : (
                <span key={at}>{onOneLine(piece.text)}</span>
              ),
            )}
          </li>
        ))}
      </ul>
      <p className="drop-hint">The model reads all of it, and learns to write the marked part.</p>
      {tasks.length < 2 ? null : (
        <details className="details">
          <summary>{formatCount(tasks.length)} labels, one a task</summary>
          <p className="small muted">{tasks.map(formatId).join(', ')}</p>
        </details>
      )}
    </>
  );
}

/** Line breaks as signs: they are part of what is learned, and lines would take too much room. */
function onOneLine(text: string): string {
  return text.replace(/\n+/g, (breaks) => `${'↵'.repeat(breaks.length)} `);
}

function Skipped({ info }: { readonly info: DataInfo }) {
  if (info.skipped === 0) return null;
  const hidden = info.skipped - info.problems.length;
  return (
    <details className="details">
      <summary>
        {info.skipped === 1 ? '1 line was skipped' : `${formatCount(info.skipped)} lines were skipped`}
      </summary>
      <ul className="problems">
        {info.problems.map(({ line, problem }) => (
          <li key={line}>
            Line {formatCount(line)}: {problem}
          </li>
        ))}
        {hidden > 0 ? <li>and {formatCount(hidden)} more</li> : null}
      </ul>
    </details>
  );
}
