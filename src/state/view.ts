import { createStore } from 'zustand/vanilla';
import { saveView } from '../storage/settings';

/** How the page is looked at; nothing here changes a run. */
export interface ViewState {
  /** `undefined` follows the system. */
  readonly theme: 'light' | 'dark' | undefined;
  /** Weight of the moving average on the charts, in [0, 1). */
  readonly smoothing: number;
}

export const viewStore = createStore<ViewState>(() => ({ theme: undefined, smoothing: 0.6 }));

export function setTheme(theme: ViewState['theme']): void {
  viewStore.setState({ theme });
  saveView({ theme });
}

export function setSmoothing(smoothing: number): void {
  viewStore.setState({ smoothing });
  saveView({ smoothing });
}
