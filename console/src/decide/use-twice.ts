// A key that has to be pressed twice. The first press is for exactly what was shown then, and holds for a moment: of anything
// else that stands there meanwhile it says nothing. Tests: use-twice.test.tsx.

import { useEffect, useState } from "react";

/** The second press must come within this time, in milliseconds. */
export const TWICE_MS = 3_000;

/** Whether the first press was for what is `shown`, a moment ago; and how to say that it was, or is no longer. */
export function useTwice(shown: string): [asked: boolean, setAsked: (asked: boolean) => void] {
  const [askedFor, setAskedFor] = useState<string>();
  useEffect(() => {
    if (askedFor === undefined) return undefined;
    const timer = setTimeout(() => setAskedFor(undefined), TWICE_MS);
    return () => clearTimeout(timer);
  }, [askedFor]);
  return [askedFor === shown, (asked) => setAskedFor(asked ? shown : undefined)];
}
