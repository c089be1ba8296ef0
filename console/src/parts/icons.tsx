// Small line drawings, 16 by 16, in the colour of the text beside them. Each stands beside a word or inside a named button,
// so none has a name of its own.

import type { ReactNode } from "react";

const DRAWINGS = {
  now: <path d="M1.5 8h3l2-4.5 3 9 2-4.5h3" />,
  approvals: <><circle cx="8" cy="8" r="6" /><path d="m5.6 8.2 1.7 1.7 3.2-3.6" /></>,
  runs: <><path d="M2 4h6M4.5 8h7M8 12h6" /></>,
  agents: <><rect x="3" y="5.5" width="10" height="7.5" rx="2" /><path d="M8 3v2.5M6.2 9v.6M9.8 9v.6" /><circle cx="8" cy="2.4" r=".6" /></>,
  tools: <path d="M9.8 2.3a3.6 3.6 0 0 0-4 5L2.4 10.7a1.6 1.6 0 0 0 2.3 2.3L8.2 9.6a3.6 3.6 0 0 0 5-4L11 7.7 8.9 7 8.3 4.9z" />,
  policies: <path d="M8 1.8 13 3.7v4c0 3.1-2 5.3-5 6.5-3-1.2-5-3.4-5-6.5v-4z" />,
  journal: <><path d="M4 2h8.5v12H4a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 4 2z" /><path d="M5.8 5.5h4M5.8 8.2h4" /></>,
  settings: <><path d="M2 4.5h7M12.5 4.5H14M2 11.5h1.5M7 11.5h7" /><circle cx="10.7" cy="4.5" r="1.7" /><circle cx="5.3" cy="11.5" r="1.7" /></>,
  search: <><circle cx="7" cy="7" r="4.3" /><path d="m10.3 10.3 3.2 3.2" /></>,
  help: <><circle cx="8" cy="8" r="6" /><path d="M6.2 6.3c.1-1 .8-1.6 1.8-1.6s1.8.6 1.8 1.5c0 1.3-1.8 1.4-1.8 2.7M8 11.2v.1" /></>,
  copy: <><rect x="5.5" y="5.5" width="8" height="8" rx="1.5" /><path d="M3.5 10.5H3A1.5 1.5 0 0 1 1.5 9V3A1.5 1.5 0 0 1 3 1.5h6A1.5 1.5 0 0 1 10.5 3v.5" /></>,
  terminal: <><rect x="1.5" y="2.5" width="13" height="11" rx="2" /><path d="m4.5 6 2 2-2 2M8.5 10.3h3" /></>,
  sun: <><circle cx="8" cy="8" r="2.8" /><path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9" /></>,
  moon: <path d="M13.2 9.7A5.7 5.7 0 0 1 6.3 2.8a5.7 5.7 0 1 0 6.9 6.9z" />,
  system: <><rect x="1.5" y="2.5" width="13" height="9" rx="1.5" /><path d="M5.5 14h5" /></>,
  right: <path d="m6 3.5 4.5 4.5L6 12.5" />,
  left: <path d="M10 3.5 5.5 8l4.5 4.5" />,
  down: <path d="M3.5 6 8 10.5 12.5 6" />,
  clock: <><circle cx="8" cy="8" r="6" /><path d="M8 4.5V8l2.3 1.6" /></>,
  undo: <path d="M5.5 3 2.5 6l3 3M2.8 6h6.7a3.7 3.7 0 1 1 0 7.4H6" />,
  warning: <><path d="M8 2.2 14.5 13.5h-13z" /><path d="M8 6.5v3.3M8 11.6v.1" /></>,
  stop: <path d="M5.3 1.8h5.4l3.5 3.5v5.4l-3.5 3.5H5.3l-3.5-3.5V5.3z" />,
  letter: <><rect x="1.5" y="3.5" width="13" height="9" rx="1.5" /><path d="m2 4.5 6 4.5 6-4.5" /></>,
  check: <path d="m3 8.5 3.3 3.2L13 4.5" />,
  cross: <path d="m4 4 8 8M12 4l-8 8" />,
  lock: <><rect x="3" y="7" width="10" height="7" rx="1.5" /><path d="M5.5 7V4.8a2.5 2.5 0 0 1 5 0V7" /></>,
  key: <><circle cx="5" cy="11" r="3" /><path d="m7.2 8.8 6-6M11 5l1.8 1.8" /></>,
  people: <><circle cx="6" cy="5.5" r="2.5" /><path d="M1.5 13.5c.3-2.6 2-4 4.5-4s4.2 1.4 4.5 4M10.5 3.3a2.5 2.5 0 0 1 0 4.4M12.3 9.9c1.3.6 2 1.8 2.2 3.6" /></>,
  dots: <path d="M3 8h.1M8 8h.1M13 8h.1" strokeWidth="2" />,
  out: <path d="M6.5 2.5h-3a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h3M10 5l3 3-3 3M13 8H6" />,
  branch: <><circle cx="4" cy="3.5" r="1.5" /><circle cx="4" cy="12.5" r="1.5" /><circle cx="12" cy="5.5" r="1.5" /><path d="M4 5v6M12 7c0 2.5-3 2.5-5 3s-3 1-3 1" /></>,
} as const satisfies Record<string, ReactNode>;

/** The name of a drawing. */
export type IconName = keyof typeof DRAWINGS;

/** One drawing. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor"
      strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      {DRAWINGS[name]}
    </svg>
  );
}
