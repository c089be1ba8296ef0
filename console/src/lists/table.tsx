// A list of any length: only rows that can be seen are on the page, further pages are read when their end comes near, and
// `j` and `k` move from row to row. Each row's first cell holds the link that opens it (`row-link`).

import type { Listing } from "@checkrein/react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef, useState } from "react";

import { Empty, Failed, Reading } from "../parts/notices.tsx";
import { useKeys } from "../shell/keys.ts";
import "./common.css";
import "./table.css";

/** One column. */
export interface Column<T> {
  readonly head: string;
  /** What stands for the head's words, which are then only read aloud. */
  readonly ruler?: ReactNode;
  /** As in `grid-template-columns`. */
  readonly width: string;
  readonly cell: (item: T) => ReactNode;
  /** Left out where the list is narrow, or already where it is not wide. */
  readonly from?: "middle" | "wide";
  readonly end?: boolean;
}

interface TableProps<T> {
  name: string;
  listing: Pick<Listing<T>, "items" | "isPending" | "error" | "hasMore" | "isReadingMore" | "readMore" | "again">;
  columns: readonly Column<T>[];
  rowKey: (item: T) => string;
  /** The row that is open beside the list. */
  chosen?: string | undefined;
  /** What stands there without any row. */
  empty: ReactNode;
  /** Below the last row. */
  foot?: ReactNode;
}

/** Rows are read on when so many are left below. */
const AHEAD = 20;

/** A list that fills what is left of the screen. */
export function Table<T>(props: TableProps<T>): ReactNode {
  const { listing, empty } = props;
  if (listing.isPending) return <Reading lines={12} />;
  if (listing.error !== null && listing.items.length === 0) return <Failed error={listing.error} again={listing.again} />;
  if (listing.items.length === 0 && !listing.hasMore) return <>{empty}</>;
  return <Rows {...props} />;
}

function Rows<T>({ name, listing, columns, rowKey, chosen, foot }: TableProps<T>): ReactNode {
  const { items, hasMore, isReadingMore, readMore } = listing;
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => 40,
    overscan: 12,
    getItemKey: (index) => keyAt(items, index, rowKey),
  });
  useMoves(name, items.length, box, (index) => virtual.scrollToIndex(index));
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isReadingMore && last >= items.length - AHEAD) readMore();
  }, [hasMore, isReadingMore, last, items.length, readMore]);
  const grid = { "--wide": widths(columns), "--middle": widths(columns.filter((one) => one.from !== "wide")), "--narrow": widths(columns.filter((one) => one.from === undefined)) } as React.CSSProperties;
  return (
    <div className="table" role="table" aria-label={name} aria-rowcount={hasMore ? -1 : items.length + 1} style={grid}>
      <div role="rowgroup" className="table-head">
        <div role="row" aria-rowindex={1} className="table-row">
          {columns.map((column) => <span key={column.head} role="columnheader" className={classes(column)}>{column.ruler === undefined ? column.head : <><span className="out-of-sight">{column.head}</span>{column.ruler}</>}</span>)}
        </div>
      </div>
      <div role="rowgroup" className="table-body" ref={box}>
        <div className="table-all" role="presentation" style={{ height: virtual.getTotalSize() }}>
          {rows.map((row) => {
            const item = items[row.index];
            if (item === undefined) return null;
            return (
              <div key={row.key} ref={virtual.measureElement} data-index={row.index} role="row" aria-rowindex={row.index + 2}
                aria-selected={chosen === rowKey(item) ? true : undefined} className="table-row" style={{ transform: `translateY(${row.start}px)` }}>
                {columns.map((column) => <span key={column.head} role="cell" className={classes(column)}>{column.cell(item)}</span>)}
              </div>
            );
          })}
        </div>
        {isReadingMore ? <p className="table-foot" role="presentation">Reading more…</p> : foot === undefined ? null : <div className="table-foot" role="presentation">{foot}</div>}
      </div>
    </div>
  );
}

/** `j` and `k` move the focus; Enter then follows the link as always. */
function useMoves(name: string, count: number, box: React.RefObject<HTMLDivElement | null>, show: (index: number) => void): void {
  const [at, setAt] = useState<number>();
  useEffect(() => {
    if (at === undefined) return undefined;
    show(at);
    const frame = requestAnimationFrame(() => {
      box.current?.querySelector<HTMLElement>(`[data-index="${at}"] .row-link`)?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
    // `show` is another function each time and does the same.
  }, [at]);
  const move = (by: number): void => setAt(Math.max(0, Math.min(count - 1, (at ?? (by > 0 ? -1 : count)) + by)));
  useKeys(name, [
    { keys: "j", does: "next row", run: () => move(1) },
    { keys: "k", does: "row before", run: () => move(-1) },
  ]);
}

function keyAt<T>(items: readonly T[], index: number, rowKey: (item: T) => string): string | number {
  const item = items[index];
  return item === undefined ? index : rowKey(item);
}

function widths<T>(columns: readonly Column<T>[]): string {
  return columns.map((column) => column.width).join(" ");
}

function classes<T>(column: Column<T>): string {
  return `cell${column.from === undefined ? "" : ` from-${column.from}`}${column.end === true ? " end" : ""}`;
}

/** What stands where a filter leaves nothing. */
export function Nothing({ what, clear }: { what: string; clear: () => void }): ReactNode {
  return (
    <Empty icon="search" title={`No ${what} fit`}>
      <button type="button" className="link" onClick={clear}>Take the filters away</button>
    </Empty>
  );
}
