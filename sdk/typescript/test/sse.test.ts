// Is a stream of events read as the standard says, however its bytes are cut into pieces?

import { describe, expect, it } from "vitest";

import { EVENT_MAX, Parser, type Message } from "../src/sse.ts";

function messages(...pieces: string[]): Message[] {
  const parser = new Parser();
  return pieces.flatMap((piece) => parser.push(piece));
}

describe("a stream of events", () => {
  const stream = 'id: 7\nevent: call_settled\ndata: {"a":\ndata: 1}\n\n: a comment\n\nevent: output\ndata: x\n\n';
  const read: Message[] = [
    { event: "call_settled", data: '{"a":\n1}', id: "7" },
    { event: "output", data: "x", id: "7" },
  ];

  it("gives kind, text and the last id", () => {
    expect(messages(stream)).toEqual(read);
  });

  it("is the same wherever it is cut, and with every kind of line end", () => {
    for (const text of [stream, stream.replaceAll("\n", "\r\n"), stream.replaceAll("\n", "\r")]) {
      for (let cut = 0; cut <= text.length; cut += 1) {
        // The last bare carriage return waits for what follows it, as a comment does here.
        expect(messages(text.slice(0, cut), text.slice(cut), ":\n"), `${JSON.stringify(text)} at ${cut}`).toEqual(read);
      }
    }
  });

  it("gives nothing for an event without text, an unfinished one, and unknown fields", () => {
    expect(messages("event: a\n\n", "id: 1\n\n", "retry: 5\n\n", "data: open")).toEqual([]);
    expect(messages("\uFEFFdata\n\n")).toEqual([{ event: "message", data: "", id: "" }]);
  });

  it("is refused where an event has no end", () => {
    const parser = new Parser();
    expect(() => {
      for (let sent = 0; sent <= EVENT_MAX; sent += 1_048_576) parser.push(`data: ${"x".repeat(1_048_576)}\n`);
    }).toThrow(RangeError);
    expect(() => messages("x".repeat(EVENT_MAX + 1))).toThrow(RangeError);
  });
});
