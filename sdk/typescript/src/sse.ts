// Server-sent events as text to events, by the rules of the HTML standard (9.2.6). Pure; bounded, since a line or event
// without end would fill the memory. Tests: test/sse.test.ts.

/** One event as it was sent. */
export interface Message {
  /** The kind; `message` where none was named. */
  readonly event: string;
  readonly data: string;
  /** The last id that was named in this stream; empty before one was. */
  readonly id: string;
}

/** The longest event, in UTF-16 code units: 8 Mi. The server's messages are at most 4 MiB. */
export const EVENT_MAX = 8 * 1024 * 1024;

/** Takes text in pieces as they arrive and gives the events that they complete. */
export class Parser {
  #rest = "";
  #size = 0;
  #data: string[] = [];
  #event = "";
  #id = "";
  #first = true;

  /** @throws {RangeError} where an event is longer than `EVENT_MAX`. */
  push(piece: string): Message[] {
    this.#rest += this.#first && piece.startsWith("\uFEFF") ? piece.slice(1) : piece;
    this.#first &&= piece === "";
    const found: Message[] = [];
    // A carriage return at the very end may be half of a line end.
    const ends = /\r\n|\n|\r(?!$)/g;
    let from = 0;
    for (let end = ends.exec(this.#rest); end !== null; end = ends.exec(this.#rest)) {
      const message = this.#line(this.#rest.slice(from, end.index));
      if (message) found.push(message);
      from = ends.lastIndex;
    }
    this.#rest = this.#rest.slice(from);
    if (this.#rest.length + this.#size > EVENT_MAX) throw new RangeError(`an event of more than ${EVENT_MAX} characters`);
    return found;
  }

  #line(line: string): Message | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const rest = colon < 0 ? "" : line.slice(colon + 1);
    const value = rest.startsWith(" ") ? rest.slice(1) : rest;
    if (field === "event") this.#event = value;
    if (field === "id" && !value.includes("\0")) this.#id = value;
    if (field === "data") {
      this.#data.push(value);
      this.#size += value.length + 1;
    }
    return undefined;
  }

  #dispatch(): Message | undefined {
    const data = this.#data;
    const event = this.#event === "" ? "message" : this.#event;
    this.#data = [];
    this.#size = 0;
    this.#event = "";
    return data.length === 0 ? undefined : { event, data: data.join("\n"), id: this.#id };
  }
}
