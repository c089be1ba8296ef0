// A small table of numbers that is read across: few rows, all of them drawn. On a phone each row is a card, and every number
// stands beside its name.

import type { ReactNode } from "react";

import "./measures.css";

/** One column. */
export interface Measure<T> {
  readonly head: string;
  readonly cell: (row: T) => ReactNode;
  /** Whether it is a number, which stands at the end. */
  readonly number?: boolean;
}

/** The table. Roles are said because a card is no table cell to a browser. */
export function Measures<T>({ name, rows, columns, rowKey }: { name: string; rows: readonly T[]; columns: readonly Measure<T>[]; rowKey: (row: T) => string }): ReactNode {
  return (
    <table className="measures" role="table" aria-label={name}>
      <thead role="rowgroup">
        <tr role="row">{columns.map((one) => <th key={one.head} role="columnheader" scope="col" className={one.number === true ? "end" : undefined}>{one.head}</th>)}</tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row">
            {columns.map((one) => <td key={one.head} role="cell" data-name={one.head} className={one.number === true ? "end" : undefined}><span>{one.cell(row)}</span></td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
