// Keeps the query cache as new as the journal: follows the events and marks what each entry makes old. Entries come in
// floods, so marks are gathered for a moment. Long lists are left alone: who scrolled far reads, and reloading them would
// ask for every page again.

import { CheckreinError, type Checkrein, type Told } from "@checkrein/sdk";
import type { InfiniteData, Query, QueryClient } from "@tanstack/react-query";

import { key, ROOT, touched, type Subject } from "./keys.ts";

/** How the line to the server stands. */
export type Line = "connecting" | "open" | "lost" | "refused";

/** Marks are gathered for so long, in milliseconds. */
export const GATHER_MS = 200;
/** The catalogue of tools is made anew after its entry is written: what depends on it is marked once more, so much later. */
export const AGAIN_MS = 3_000;
/** Lists of more pages than this are not loaded again by themselves. */
export const PAGES_KEPT_NEW = 3;

/** What `listen` needs. */
export interface Ear {
  readonly client: Checkrein;
  readonly cache: QueryClient;
  readonly onLine: (line: Line) => void;
  readonly onTold: (told: Told) => void;
}

/** Follows until the signal is aborted. */
export async function listen(ear: Ear, signal: AbortSignal): Promise<void> {
  const marks = new Marks(ear.cache);
  let wasLost = false;
  const onState = (state: "open" | "lost"): void => {
    // What was missed is told again, but a server that starts anew may have changed more than its entries say.
    if (state === "open" && wasLost) marks.add("everything");
    wasLost = state === "lost";
    ear.onLine(state);
  };
  try {
    for await (const told of ear.client.events({ signal, onState })) {
      if (told.kind === "entry") marks.add(touched(told.entry));
      ear.onTold(told);
    }
  } catch (error) {
    if (!(error instanceof CheckreinError)) throw error;
    ear.onLine("refused");
  } finally {
    marks.end();
  }
}

const LATE: readonly Subject[] = ["tools", "servers", "policies"];

class Marks {
  readonly #cache: QueryClient;
  #gathered = new Set<Subject | "everything">();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(cache: QueryClient) {
    this.#cache = cache;
  }

  add(what: ReadonlySet<Subject> | "everything"): void {
    for (const one of what === "everything" ? (["everything"] as const) : what) this.#gathered.add(one);
    this.#timer ??= setTimeout(() => this.#mark(), GATHER_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    if (this.#gathered.size > 0) this.#mark();
  }

  #mark(): void {
    this.#timer = undefined;
    const gathered = this.#gathered;
    this.#gathered = new Set();
    const subjects = gathered.has("everything") ? [[ROOT]] : [...gathered].map((one) => key(one as Subject));
    for (const queryKey of subjects) void this.#cache.invalidateQueries({ queryKey, predicate: isShort });
    const late = LATE.filter((subject) => gathered.has(subject));
    if (late.length === 0) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      for (const subject of late) void this.#cache.invalidateQueries({ queryKey: key(subject) });
    }, AGAIN_MS);
  }
}

function isShort(query: Query): boolean {
  const kept = query.state.data as Partial<InfiniteData<unknown>> | undefined;
  const pages = typeof kept === "object" && kept !== null ? kept.pages : undefined;
  return !Array.isArray(pages) || pages.length <= PAGES_KEPT_NEW;
}
