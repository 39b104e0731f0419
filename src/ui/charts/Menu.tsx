import { useRef, type ReactNode } from 'react';

/** A button with a list of things to do below it; closes on Escape, when something was chosen, and when it is left. */
export function Menu({
  label,
  name,
  children,
}: {
  readonly label: ReactNode;
  /** For screen readers. */
  readonly name: string;
  readonly children: ReactNode;
}) {
  const menu = useRef<HTMLDetailsElement>(null);
  const close = () => {
    menu.current?.removeAttribute('open');
  };
  return (
    <details
      ref={menu}
      className="menu"
      onBlur={({ relatedTarget, currentTarget }) => {
        if (relatedTarget !== null && !currentTarget.contains(relatedTarget)) close();
      }}
      onKeyDown={({ key }) => {
        if (key !== 'Escape' || menu.current?.open !== true) return;
        close();
        menu.current.querySelector('summary')?.focus();
      }}
    >
      <summary aria-label={name}>{label}</summary>
      <div
        className="menu-items"
        onClick={({ target }) => {
          if (target instanceof HTMLElement && target.closest('button') !== null) close();
        }}
      >
        {children}
      </div>
    </details>
  );
}
