import { useState, type DragEvent, type ReactNode } from 'react';
import { droppedSource } from '../../storage/localFiles';
import type { FileSource } from '../../worker/protocol';

/** Listeners that turn a drop of files into a source. `over` is true while files hover. */
export function useDrop(onDrop: (source: FileSource) => void) {
  const [over, setOver] = useState(false);
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');
  return {
    over,
    listeners: {
      onDragOver: (event: DragEvent) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(true);
      },
      onDragLeave: () => {
        setOver(false);
      },
      onDrop: (event: DragEvent) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        void droppedSource(event.dataTransfer).then(onDrop);
      },
    },
  };
}

/** A card on which files can be dropped. */
export function DropCard({
  title,
  aside,
  onDrop,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly onDrop: (source: FileSource) => void;
  readonly children: ReactNode;
}) {
  const { over, listeners } = useDrop(onDrop);
  return (
    <section className={over ? 'card over' : 'card'} aria-label={title} {...listeners}>
      <div className="card-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
