import { embed, type TsneRequest } from './tsneJob';

/** Entry of the worker that embeds: one request in, progress out. The page stops it by ending the worker. */
addEventListener('message', ({ data }: MessageEvent<TsneRequest>) => {
  embed(data, (message) => {
    postMessage(message, {});
  });
});
