import { useStore } from 'zustand';
import { chooseModel, dismissProblem } from '../../state/reading';
import { setupStore } from '../../state/setup';
import { sourceOf } from '../../storage/localFiles';
import type { ModelInfo } from '../../worker/protocol';
import { DropCard } from '../shared/DropCard';
import { FileButton } from '../shared/FileButton';
import { formatBytes, formatCount, formatShort } from '../shared/format';
import { Notice } from '../shared/Notice';

/** Which base model to start from. */
export function ModelCard() {
  const { chosen, reading, problem } = useStore(setupStore, (setup) => setup.model);
  const catalogue = useStore(setupStore, (setup) => setup.catalogue);
  const take = (files: File[]) => void chooseModel(sourceOf(files));
  const bundled = catalogue?.models.some((model) => model.source === chosen?.source) === true;
  return (
    <DropCard title="Start from" onDrop={(source) => void chooseModel(source)}>
      {chosen === undefined ? (
        <p className="muted">{reading === undefined ? 'No model yet.' : `Reading ${reading.name} …`}</p>
      ) : (
        <>
          <p className="card-title">{chosen.info.name}</p>
          {bundled ? (
            <p className="small muted">
              Comes with the page. It knows a small made-up village, nothing else.
            </p>
          ) : null}
          <ModelFacts info={chosen.info} />
          {reading === undefined ? null : <p className="drop-hint">Reading {reading.name} …</p>}
        </>
      )}
      {problem === undefined ? null : (
        <Notice
          bad
          onDismiss={() => {
            dismissProblem('model');
          }}
        >
          {problem}
        </Notice>
      )}
      <div className="card-actions">
        {catalogue?.models
          .filter(({ source }) => source !== chosen?.source)
          .map(({ name, source }) => (
            <button
              key={name}
              type="button"
              className="button quiet"
              onClick={() => void chooseModel(source)}
            >
              Use {name}
            </button>
          ))}
        <FileButton label="Choose a folder" folder onFiles={take} />
        <FileButton label="Choose files" onFiles={take} />
      </div>
      <p className="drop-hint">
        Or drop a Hugging Face LLaMA folder, or a llama2.c <code>.bin</code> with its tokenizer.
      </p>
    </DropCard>
  );
}

function ModelFacts({ info }: { readonly info: ModelInfo }) {
  const { layers, hiddenSize, heads, kvHeads, vocabSize } = info.config;
  return (
    <p className="facts">
      <span title={`${formatCount(info.parameters)} weights`}>{formatShort(info.parameters)} weights</span>
      <span>{layers} layers</span>
      <span title="Numbers that stand for a token between two layers">width {formatCount(hiddenSize)}</span>
      <span title={heads === kvHeads ? 'Heads of attention' : 'Heads of attention, and of keys and values'}>
        {heads === kvHeads ? `${heads} heads` : `${heads}/${kvHeads} heads`}
      </span>
      <span title="Different pieces of text that it knows">{formatCount(vocabSize)} tokens</span>
      <span title="How its weights are stored">
        {info.dtype}, {formatBytes(info.bytes)}
      </span>
    </p>
  );
}
