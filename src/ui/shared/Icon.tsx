const PATHS = {
  help: 'M5.9 6.1a2.2 2.2 0 1 1 3.3 1.9c-.8.5-1.2.9-1.2 1.8M8 12.2v.1',
  reset: 'M3.2 8a4.8 4.8 0 1 0 1.6-3.6M3 2.8v2.6h2.6',
  close: 'M4 4l8 8M12 4l-8 8',
  undo: 'M6 3.4L3 6.4l3 3M3.2 6.4h6.2a3.4 3.4 0 0 1 0 6.8H6.4',
  redo: 'M10 3.4l3 3-3 3M12.8 6.4H6.6a3.4 3.4 0 0 0 0 6.8h3',
  share: 'M5.6 6.6H4.2v6.6h7.6V6.6h-1.4M8 9.4V2.4M5.6 4.6L8 2.2l2.4 2.4',
  search: 'M7.2 2.6a4.6 4.6 0 1 0 0 9.2 4.6 4.6 0 0 0 0-9.2M10.6 10.6l3 3',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.2v1.6M8 13.2v1.6M1.2 8h1.6M13.2 8h1.6M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M12.8 3.2l-1.1 1.1M4.3 11.7l-1.1 1.1',
  moon: 'M13.4 9.6A5.8 5.8 0 1 1 6.4 2.6a4.6 4.6 0 0 0 7 7z',
} as const;

/** A line drawing beside a text or inside a labelled button; never the only name of anything. */
export function Icon({ name, size = 16 }: { readonly name: keyof typeof PATHS; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
