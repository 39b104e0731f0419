import type { ReactNode } from 'react';
import { Icon } from './Icon';

/** One sentence about a problem (spoken at once) or a remark, with a way to put it away where there is one. */
export function Notice({
  bad = false,
  first = false,
  onDismiss,
  children,
}: {
  readonly bad?: boolean;
  /** Stands at the top of its box. */
  readonly first?: boolean;
  readonly onDismiss?: () => void;
  readonly children: ReactNode;
}) {
  const names = ['notice', bad ? 'bad' : '', first ? 'first' : ''].filter((name) => name !== '');
  return (
    <div className={names.join(' ')} role={bad ? 'alert' : 'status'}>
      <span>{children}</span>
      {onDismiss === undefined ? null : (
        <button type="button" className="icon-button" aria-label="Dismiss" onClick={onDismiss}>
          <Icon name="close" size={12} />
        </button>
      )}
    </div>
  );
}
