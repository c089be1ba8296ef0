// Times that tick. All of them share one timer, which sleeps while nothing on the screen would change.

import { type ReactNode, useEffect, useState } from "react";

import { ago, left, moment, nextChange, urgency } from "../text/clock.ts";
import "./time.css";

/** The time now, in milliseconds since 1970; told anew after `every` milliseconds. */
export function useNow(every: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** How long ago. */
export function Ago({ ms }: { ms: number }): ReactNode {
  const now = useNow(5_000);
  return <time dateTime={new Date(ms).toISOString()} title={moment(ms)}>{ago(now - ms)}</time>;
}

/** What is left until an end, of the whole time since `from`. */
export function Countdown({ from, until, label }: { from: number; until: number; label?: string }): ReactNode {
  const [now, setNow] = useState(() => Date.now());
  const rest = until - now;
  useEffect(() => {
    const timer = setTimeout(() => setNow(Date.now()), Math.min(nextChange(rest), 60_000));
    return () => clearTimeout(timer);
  }, [rest]);
  const near = urgency(rest, until - from);
  return (
    <time className={`countdown ${near}`} dateTime={new Date(until).toISOString()} title={`${label ?? "until"} ${moment(until)}`}>
      {left(rest)}
    </time>
  );
}
