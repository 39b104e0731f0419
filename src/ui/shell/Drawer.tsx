import { lazy, Suspense, useEffect, useRef, type ComponentType, type KeyboardEvent } from 'react';
import { useStore } from 'zustand';
import { DRAWER_TABS, setDrawer, viewStore, type DrawerTab } from '../../state/view';
import { Icon } from '../shared/Icon';

interface Tab {
  readonly label: string;
  readonly panel: ComponentType;
}

/** Fetched when they are opened first: nobody needs them for a first run. */
const TABS: Readonly<Partial<Record<DrawerTab, Tab>>> = {
  runs: { label: 'Runs', panel: lazy(() => import('../runs/RunsPanel')) },
  experts: { label: 'Experts', panel: lazy(() => import('../experts/ExpertsCard')) },
  compare: { label: 'Compare', panel: lazy(() => import('../compare/CompareCard')) },
  chat: { label: 'Chat', panel: lazy(() => import('../chat/ChatPanel')) },
  export: { label: 'Export', panel: lazy(() => import('../live/ExportPanel')) },
  log: { label: 'Log', panel: lazy(() => import('../live/LogPanel')) },
};

const SHOWN = DRAWER_TABS.flatMap((id) => {
  const tab = TABS[id];
  return tab === undefined ? [] : [{ id, ...tab }];
});

/** The tabs on the right edge, and the panel of the one that is open. Pressing an open tab closes it. */
export function Drawer() {
  const open = useStore(viewStore, (view) => view.drawer);
  const current = SHOWN.find(({ id }) => id === open);
  const panel = useRef<HTMLDivElement>(null);
  const strip = useRef<HTMLDivElement>(null);
  const drawer = useRef<HTMLElement>(null);
  useFocusMoves(panel, strip, current?.id);
  useEscape(drawer, current !== undefined);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const tabs = [...(strip.current?.querySelectorAll('button') ?? [])];
    const at = tabs.findIndex((tab) => tab === document.activeElement);
    tabs[(at + step + tabs.length) % tabs.length]?.focus();
  };
  return (
    <>
      {current === undefined ? null : (
        <aside ref={drawer} className="drawer" aria-label="Drawer">
          <button
            type="button"
            className="icon-button large drawer-close"
            aria-label="Close the drawer"
            onClick={() => {
              setDrawer(undefined);
            }}
          >
            <Icon name="close" />
          </button>
          <div
            ref={panel}
            id="drawer"
            className="drawer-panel"
            role="tabpanel"
            aria-label={current.label}
            tabIndex={-1}
          >
            <Suspense fallback={<p className="muted drawer-wait">Opening {current.label.toLowerCase()} …</p>}>
              <current.panel />
            </Suspense>
          </div>
        </aside>
      )}
      <nav className="rail" aria-label="Panels">
        <div ref={strip} role="tablist" aria-label="Panels" onKeyDown={move}>
          {SHOWN.map(({ id, label }, index) => (
            <button
              key={id}
              type="button"
              role="tab"
              aria-selected={id === current?.id}
              aria-controls={id === current?.id ? 'drawer' : undefined}
              tabIndex={
                id === (current?.id ?? SHOWN[0]?.id) || (current === undefined && index === 0) ? 0 : -1
              }
              onClick={() => {
                setDrawer(id === current?.id ? undefined : id);
              }}
            >
              {label}
            </button>
          ))}
        </div>
      </nav>
    </>
  );
}

/** Escape closes the drawer from anywhere in it, and where a button that went away has taken the focus with it. */
function useEscape(drawer: React.RefObject<HTMLElement | null>, isOpen: boolean): void {
  useEffect(() => {
    if (!isOpen) return;
    const close = ({ key, target, defaultPrevented }: globalThis.KeyboardEvent) => {
      const isOurs = target === document.body || drawer.current?.contains(target as Node) === true;
      if (key === 'Escape' && !defaultPrevented && isOurs) setDrawer(undefined);
    };
    addEventListener('keydown', close);
    return () => {
      removeEventListener('keydown', close);
    };
  }, [drawer, isOpen]);
}

/** A drawer that somebody opens takes the focus; one that is closed gives it back to its tab. */
function useFocusMoves(
  panel: React.RefObject<HTMLElement | null>,
  strip: React.RefObject<HTMLElement | null>,
  current: DrawerTab | undefined,
): void {
  const before = useRef(current);
  useEffect(() => {
    if (before.current === current) return;
    const closed = before.current;
    before.current = current;
    if (current !== undefined) panel.current?.focus();
    else if (document.activeElement === document.body) {
      const index = SHOWN.findIndex(({ id }) => id === closed);
      strip.current?.querySelectorAll('button')[index]?.focus();
    }
  }, [current, panel, strip]);
}
