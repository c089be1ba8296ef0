// The arming rule (arming.ts) on the page's real clock: since when this request is on the screen, the page visible, its
// window focused. `shown` names what is on the screen; whenever it changes, arming begins anew.

import { useCallback, useEffect, useRef, useState } from "react";

import { counts, type Sight, untilArmed } from "./arming.ts";

/** What a button that decides needs. */
export interface Arming {
  readonly armed: boolean;
  /** Told when a pointer or key goes down on the button. */
  readonly down: () => void;
  /** Whether the press that ends now decides. */
  readonly decides: () => boolean;
}

/** Follows the page. */
export function useArming(shown: string): Arming {
  const sight = useRef<Sight>({ shownAt: Infinity, visibleSince: undefined, focusedSince: undefined });
  const downAt = useRef<number | undefined>(undefined);
  const [armed, setArmed] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const look = useCallback(() => {
    clearTimeout(timer.current);
    const rest = untilArmed(sight.current, performance.now());
    setArmed(rest === 0);
    // A timer may fire a little early; it then looks again.
    if (rest !== undefined && rest > 0) timer.current = setTimeout(look, Math.ceil(rest));
  }, []);

  useEffect(() => {
    const follow = (): void => {
      const now = performance.now();
      const { visibleSince, focusedSince } = sight.current;
      const visible = document.visibilityState === "visible";
      const focused = document.hasFocus();
      sight.current = {
        ...sight.current,
        visibleSince: visible ? (visibleSince ?? now) : undefined,
        focusedSince: focused ? (focusedSince ?? now) : undefined,
      };
      look();
    };
    // The focus that a click brings is told before the click: it counts from then.
    const focus = (): void => {
      sight.current = { ...sight.current, focusedSince: performance.now() };
      follow();
    };
    follow();
    window.addEventListener("focus", focus);
    window.addEventListener("blur", follow);
    document.addEventListener("visibilitychange", follow);
    return () => {
      clearTimeout(timer.current);
      window.removeEventListener("focus", focus);
      window.removeEventListener("blur", follow);
      document.removeEventListener("visibilitychange", follow);
    };
  }, [look]);

  useEffect(() => {
    sight.current = { ...sight.current, shownAt: Infinity };
    downAt.current = undefined;
    setArmed(false);
    // It is on the screen once it was painted.
    const frame = requestAnimationFrame(() => {
      sight.current = { ...sight.current, shownAt: performance.now() };
      look();
    });
    return () => cancelAnimationFrame(frame);
  }, [shown, look]);

  const down = useCallback(() => {
    downAt.current = performance.now();
  }, []);
  const decides = useCallback(() => {
    const began = downAt.current;
    downAt.current = undefined;
    return began !== undefined && counts(sight.current, { downAt: began, at: performance.now() });
  }, []);
  return { armed, down, decides };
}
