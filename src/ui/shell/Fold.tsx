import type { ReactNode } from 'react';
import { useNarrow } from './useNarrow';

/** A part of the page that narrow screens fold away behind its title, and wide ones just show. */
export function Fold({
  title,
  open = false,
  children,
}: {
  readonly title: ReactNode;
  readonly open?: boolean;
  readonly children: ReactNode;
}) {
  const narrow = useNarrow();
  if (!narrow) return children;
  return (
    // The key lets a change of `open` act again after somebody has toggled it.
    <details className="fold" open={open} key={String(open)}>
      <summary>{title}</summary>
      <div className="fold-body">{children}</div>
    </details>
  );
}
