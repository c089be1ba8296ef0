// Where somebody wanted to go who was sent to the login, kept over the way to an issuer and back. It is a path of this very
// console, kept by this tab alone and taken once. Pure but for the tab's own store. Tests: next.test.ts, issuer.browser.ts.

const NAME = "checkrein-next";
/** A login at an issuer that takes longer than this leads to *Now*, in milliseconds. */
export const KEPT_MS = 10 * 60_000;

/** What the tab's store does here. */
export type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Keeps a path. */
export function keep(path: string | undefined, now: number, store: Store = sessionStorage): void {
  if (path === undefined) store.removeItem(NAME);
  else store.setItem(NAME, JSON.stringify([path, now]));
}

/** The kept path, once; nothing where none is kept, or where it is no path of this console. */
export function take(now: number, store: Store = sessionStorage): string | undefined {
  const text = store.getItem(NAME);
  store.removeItem(NAME);
  if (text === null) return undefined;
  try {
    const found: unknown = JSON.parse(text);
    if (!Array.isArray(found)) return undefined;
    const [path, at]: unknown[] = found;
    return isOwnPath(path) && typeof at === "number" && now - at < KEPT_MS ? path : undefined;
  } catch {
    return undefined;
  }
}

/** A path of this very console, and no way to another one. */
export function isOwnPath(path: unknown): path is string {
  return typeof path === "string" && /^\/(?![/\\])/.test(path) && !path.startsWith("/login");
}
