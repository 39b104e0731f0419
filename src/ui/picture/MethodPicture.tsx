import { useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { trainableWeights } from '../../engine/adapters/budget';
import { METHODS } from '../../engine/adapters/registry';
import type { RunConfig } from '../../config/runConfig';
import { blocksStore, watchBlocks } from '../../state/blocks';
import { runStore } from '../../state/run';
import { setupStore } from '../../state/setup';
import { chooseBlock, viewStore, type BlockPlace } from '../../state/view';
import type { ModelInfo } from '../../worker/protocol';
import { useSettings } from '../setup/useSettings';
import { CloseUp } from './CloseUp';
import { Equation } from './Equation';
import { layOut } from './geometry';
import { Legend, SizeLegend } from './Legend';
import './picture.css';
import { PictureMap } from './PictureMap';
import { PictureTable } from './PictureTable';
import { blockAt, firstPlace, placeOf, samePlace } from './places';
import { Readout } from './Readout';
import { TintPicker } from './TintPicker';
import { sizesOf } from './sizes';
import { pictureSentence, type Subject } from './words';

/** Narrower than any screen: not laid out yet. */
const LEAST_WIDTH = 120;

const TITLE = 'The method in this model';

/** What the chosen method puts beside the weights of the chosen model, drawn block by block as the settings move. */
export function MethodPicture() {
  const { values, problem } = useSettings();
  const model = useStore(setupStore, (setup) => setup.model.chosen?.info);
  // While a setting is wrong the picture stays what it was.
  const [valid, setValid] = useState<RunConfig>();
  if (problem === undefined && values !== valid) setValid(values);
  const drawn = problem === undefined ? values : valid;
  const isSized = useStore(blocksStore, ({ norms }) => norms !== undefined);
  return (
    <section className="card picture" aria-label={TITLE}>
      <div className="card-head">
        <h2>{TITLE}</h2>
        {isSized ? <TintPicker /> : null}
      </div>
      {model === undefined || drawn === undefined ? (
        <p className="muted picture-wait">The picture is drawn when the model has been read.</p>
      ) : (
        <Drawn model={model} values={drawn} />
      )}
    </section>
  );
}

function Drawn({ model, values }: { readonly model: ModelInfo; readonly values: RunConfig }) {
  const { config, parameters } = model;
  const { r, target_modules: targets } = values;
  const method = METHODS[values.method];
  const subject = useMemo<Subject>(
    () => ({ block: method.block(values), config, r, targets }),
    [method, values, config, r, targets],
  );
  const [box, width] = useWidth();
  const picture = useMemo(
    () => layOut(subject.block, config.layers, targets, width),
    [subject, config, targets, width],
  );
  const chosen = useStore(viewStore, (view) => view.block);
  const [pointed, setPointed] = useState<BlockPlace>();
  const kept = chosen ?? firstPlace(picture);
  const place = pointed ?? kept;
  const block = blockAt(picture, place);
  const keptBlock = blockAt(picture, kept);
  const norms = useStore(blocksStore);
  const runId = useStore(runStore, (run) => run.runId);
  const settings = useStore(runStore, (run) => run.settings);
  const sizes = useMemo(
    () => sizesOf(norms, { runId, settings }, picture, subject, values),
    [norms, runId, settings, picture, subject, values],
  );
  useWatch(box);
  if (block === undefined || keptBlock === undefined) return null;
  const from = (layer: number) => Math.min(layer, config.layers - 1);
  const shown = { block, layer: from(place.layer) };
  const here = placeOf(block, shown.layer);
  return (
    <>
      <div>
        <p className="picture-sentence">
          The model’s own weights, in grey, stay as they are. Only the small coloured matrices beside them are
          trained.
        </p>
        <p className="muted number">
          {pictureSentence(subject, trainableWeights(values, config), parameters)}
        </p>
      </div>
      <div className="picture-columns">
        <div className="picture-close">
          <h3>
            Close up: layer {here.layer}, {here.module}
          </h3>
          <div className="picture-close-columns">
            <CloseUp subject={subject} place={here} />
            <div>
              <Equation subject={subject} place={here} scale={values.lora_alpha / values.r} />
              <Legend subject={subject} layer={here.layer} />
            </div>
          </div>
        </div>
        <div className="picture-whole">
          <h3>The whole model</h3>
          <div ref={box} className="picture-box">
            {width < LEAST_WIDTH ? null : (
              <PictureMap
                picture={picture}
                subject={subject}
                shown={shown}
                chosen={{ block: keptBlock, layer: from(kept.layer) }}
                strengths={sizes.strengths}
                onPoint={(next) => {
                  setPointed((last) => (samePlace(last, next) ? last : next));
                }}
                onChoose={chooseBlock}
              />
            )}
          </div>
          <p className="picture-axes small muted">
            Across: the layers that a text goes through. Down: the weight matrices of each layer, four of its
            attention (q, k, v, o) and three of its feed-forward part (gate, up, down).
          </p>
          <SizeLegend subject={subject} sizes={sizes} />
          <Readout subject={subject} block={block} place={here} sizes={sizes} />
        </div>
      </div>
      <PictureTable subject={subject} />
    </>
  );
}

/** Width of an element in whole pixels, kept up to date. */
function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0); // 0 until it is known: what is drawn first should not slide
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  return [box, width] as const;
}

/** Asks for sizes while the picture is on the screen. */
function useWatch(box: { readonly current: Element | null }) {
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let end: (() => void) | undefined;
    const observer = new IntersectionObserver((entries) => {
      const isSeen = entries.at(-1)?.isIntersecting === true;
      if (isSeen) end ??= watchBlocks();
      else {
        end?.();
        end = undefined;
      }
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      end?.();
    };
  }, [box]);
}
