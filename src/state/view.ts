import { createStore } from 'zustand/vanilla';
import type { ModuleName } from '../config/modules';
import { saveView } from '../storage/settings';

/** Tabs of the drawer on the right, in their order. */
export const DRAWER_TABS = ['runs', 'experts', 'compare', 'chat', 'export', 'log'] as const;
export type DrawerTab = (typeof DRAWER_TABS)[number];

/** A kind of matrix in the picture of the method; W is frozen. */
export type BlockPart = 'W' | 'A' | 'B' | 'router';

/** One matrix as seen from a layer that uses it. */
export interface BlockPlace {
  readonly layer: number;
  readonly module: ModuleName;
  readonly part: BlockPart;
  /** Index of the expert among the A's or the B's; 0 for the others. */
  readonly expert: number;
}

/** What the charts have along x: optimiser steps, tokens that counted in the loss, or seconds of training. */
export type XAxisKind = 'step' | 'tokens' | 'time';

/** How overlaid runs that differ only in their seed are drawn: one by one, or as their mean in a band. */
export type BandKind = 'none' | 'range' | 'deviation';

/** A box over the whole page. */
export type Dialog = 'palette' | 'keys';

/** How the page is looked at; nothing here changes a run. */
export interface ViewState {
  /** `undefined` follows the system. */
  readonly theme: 'light' | 'dark' | undefined;
  /** Weight of the moving average on the charts, in [0, 1). */
  readonly smoothing: number;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly xAxis: XAxisKind;
  /** Whether a few far-off values may leave the scale of y alone. */
  readonly ignoreOutliers: boolean;
  readonly bands: BandKind;
  /** The step that is pointed at on a chart; samples and expert maps may follow it. */
  readonly cursor: number | undefined;
  /** The tab of the drawer that is open. */
  readonly drawer: DrawerTab | undefined;
  /** The block that the picture of the method and the views beside it are about. */
  readonly block: BlockPlace | undefined;
  readonly dialog: Dialog | undefined;
}

export const viewStore = createStore<ViewState>(() => ({
  theme: undefined,
  smoothing: 0.6,
  logX: false,
  logY: false,
  xAxis: 'step',
  ignoreOutliers: true,
  bands: 'none',
  cursor: undefined,
  drawer: undefined,
  block: undefined,
  dialog: undefined,
}));

export function setTheme(theme: ViewState['theme']): void {
  viewStore.setState({ theme });
  saveView({ theme });
}

/** What of the view changes how the charts are drawn. */
export type ChartView = Pick<ViewState, 'smoothing' | 'logX' | 'logY' | 'xAxis' | 'ignoreOutliers' | 'bands'>;

/** The part of the view that the charts are drawn by; the cursor, which moves often, is not in it. */
export function chartView({ smoothing, logX, logY, xAxis, ignoreOutliers, bands }: ViewState): ChartView {
  return { smoothing, logX, logY, xAxis, ignoreOutliers, bands };
}

/** Changes how the charts are drawn, now and on the next visit. */
export function setChartView(change: Partial<ChartView>): void {
  viewStore.setState(change);
  saveView(change);
}

/** Opens a tab of the drawer; `undefined` closes it. */
export function setDrawer(drawer: ViewState['drawer']): void {
  viewStore.setState({ drawer });
  saveView({ drawer });
}

/** The tab of that name; undefined where there is none. */
export function drawerTab(name: string | undefined): DrawerTab | undefined {
  return DRAWER_TABS.find((tab) => tab === name);
}

/** Chooses the block that the picture of the method and the views beside it are about. */
export function chooseBlock(block: BlockPlace): void {
  viewStore.setState({ block });
}

/** Opens a box over the page; `undefined` closes it. */
export function setDialog(dialog: ViewState['dialog']): void {
  viewStore.setState({ dialog });
}
