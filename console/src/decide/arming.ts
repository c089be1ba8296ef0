// When a button that decides may be pressed. A request that appears under a resting pointer, a click that was meant to
// bring the window forward, a key that was meant for another window: none of them may decide. Pure.
// Tests: arming.test.ts.

/** How long a request must have been in sight before it can be approved, in milliseconds. */
export const ARM_MS = 600;

/** What is known of the page; times as the page's own clock gives them, in milliseconds. */
export interface Sight {
  /** Since when exactly this request is on the screen. */
  readonly shownAt: number;
  /** Since when the page is visible; nothing while it is not. */
  readonly visibleSince: number | undefined;
  /** Since when its window has the focus; nothing while it has not. */
  readonly focusedSince: number | undefined;
}

/** How much longer until the button arms: 0 if it is armed, nothing while its time does not run. */
export function untilArmed(sight: Sight, now: number): number | undefined {
  if (sight.visibleSince === undefined || sight.focusedSince === undefined) return undefined;
  const since = Math.max(sight.shownAt, sight.visibleSince, sight.focusedSince);
  return Math.max(0, since + ARM_MS - now);
}

/** A press: when its pointer or key went down, and when it is to count. */
export interface Press {
  readonly downAt: number;
  readonly at: number;
}

/** Whether a press decides: the button was armed already when it began, and still is. */
export function counts(sight: Sight, press: Press): boolean {
  return untilArmed(sight, press.downAt) === 0 && untilArmed(sight, press.at) === 0 && press.downAt <= press.at;
}
