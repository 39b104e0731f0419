const SIGNS: Readonly<Record<string, string>> = { Mod: 'Ctrl' };
const MAC_SIGNS: Readonly<Record<string, string>> = { Mod: '⌘', Shift: '⇧' };

/** A shortcut as keys. */
export function Keys({ shortcut }: { readonly shortcut: string }) {
  const signs = /Mac|iPhone|iPad/.test(navigator.userAgent) ? MAC_SIGNS : SIGNS;
  return (
    <span className="keys">
      {shortcut.split('+').map((key) => (
        <kbd key={key}>{signs[key] ?? key}</kbd>
      ))}
    </span>
  );
}
