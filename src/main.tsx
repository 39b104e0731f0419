import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { workOffline } from './state/offline';
import { followAddress } from './state/share';
import { start } from './state/start';
import { setClient } from './state/client';
import { App } from './ui/App';
import './ui/shared/theme.css';
import './ui/page.css';
import './ui/setup/setup.css';
import './ui/setup/runBar.css';
import './ui/live/live.css';
import './ui/charts/charts.css';
import './ui/shell/shell.css';
import './ui/unsupported.css';
import './ui/narrow.css';
import { createClient } from './worker/client';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

const openTraining = () =>
  new Worker(new URL('./trainingWorker.ts', import.meta.url), { type: 'module', name: 'masa training' });
const openReplay = () =>
  new Worker(new URL('./replayWorker.ts', import.meta.url), { type: 'module', name: 'masa replay' });
// Typed as always present, but absent in browsers without WebGPU and on insecure pages.
const hasWebGpu = (navigator as { gpu?: GPU }).gpu !== undefined;
setClient(createClient(hasWebGpu ? openTraining : openReplay));
void start(hasWebGpu, () => createClient(openReplay));
void workOffline();
addEventListener('hashchange', () => void followAddress());
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
