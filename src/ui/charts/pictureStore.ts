import { createStore } from 'zustand/vanilla';

/** How pictures of charts are made: as the page looks, or always dark on white. */
export const pictureStore = createStore<{ readonly light: boolean }>(() => ({ light: false }));
