// Light or dark: as the system says, or as was chosen here. `public/theme.js` applies it before the first paint.

import { useSyncExternalStore } from "react";

/** A theme that can be chosen. */
export type Theme = "system" | "light" | "dark";

const KEPT = "checkrein.theme";
const listeners = new Set<() => void>();

function read(): Theme {
  const set = document.documentElement.dataset["theme"];
  return set === "light" || set === "dark" ? set : "system";
}

/** Chooses a theme and keeps it. */
export function choose(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  try {
    if (theme === "system") localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, theme);
  } catch {
    // Storage is off: the choice holds for this page.
  }
  for (const listener of listeners) listener();
}

/** The theme that is chosen. */
export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, read);
}
