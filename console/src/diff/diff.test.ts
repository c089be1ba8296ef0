// A plan's diff is read as it was written, whatever the contents pretend to be.

import { describe, expect, it } from "vitest";

import { counts, parse } from "./parse.ts";
import { differing, paired, unified } from "./rows.ts";

const EDIT = `--- a/prod/api.yaml
+++ b/prod/api.yaml
@@ -1,6 +1,6 @@
-replicas: 2
-image: api:1.14.2
+replicas: 6
+image: api:1.15.0
 region: eu-central-1
 env:
   LOG: info
-  CACHE: on
+  CACHE: off
`;

function first<T>(items: readonly T[]): T {
  const item = items[0];
  if (item === undefined) throw new Error("expected an item");
  return item;
}

describe("reading", () => {
  it("numbers lines on both sides", () => {
    const file = first(parse(EDIT).files);
    expect(file.path).toBe("prod/api.yaml");
    expect(counts(file)).toEqual({ come: 3, gone: 3 });
    const lines = first(file.hunks).lines;
    expect(lines[4]).toEqual({ kind: "same", text: "region: eu-central-1", before: 3, after: 3 });
    expect(lines.at(-1)).toEqual({ kind: "come", text: "  CACHE: off", after: 6 });
  });

  it("keeps contents that look like headers", () => {
    const diff = parse("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a/etc/passwd\n-@@ -1 +1 @@\n+++ b/y\n+... cut here\n");
    expect(diff.files.map((file) => file.path)).toEqual(["x"]);
    expect(diff.cut).toBeUndefined();
    expect(first(first(diff.files).hunks).lines.map((line) => line.text)).toEqual([
      "-- a/etc/passwd", "@@ -1 +1 @@", "++ b/y", "... cut here",
    ]);
  });

  it("puts what is said of a path with its lines", () => {
    const diff = parse("new file a mode 0644\n--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\ndelete directory logs\nrename b -> c\n");
    expect(diff.files.map((file) => [file.path, file.notes])).toEqual([
      ["a", ["new file a mode 0644"]], ["logs", ["delete directory logs"]], ["c", ["rename b -> c"]],
    ]);
    expect(first(first(first(diff.files).hunks).lines).unended).toBe(true);
  });

  it("says that a diff was cut", () => {
    const cut = "... cut here: the diff is longer than shown, and 3 more changes follow";
    expect(parse(`${EDIT}${cut}\n`).cut).toBe(cut);
  });

  it("drops nothing that it does not know", () => {
    expect(first(parse("something else\n").files).notes).toEqual(["something else"]);
  });

  it("reads a deletion under the path that went", () => {
    const file = first(parse("delete file a/b mode 0644\n--- a/a/b\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n").files);
    expect([file.path, counts(file)]).toEqual(["a/b", { come: 0, gone: 1 }]);
  });
});

describe("rows", () => {
  it("stand what went beside what came", () => {
    const rows = paired(first(first(parse(EDIT).files).hunks));
    expect(rows.map((row) => [row.before?.line.text, row.after?.line.text])).toEqual([
      ["replicas: 2", "replicas: 6"], ["image: api:1.14.2", "image: api:1.15.0"], ["region: eu-central-1", "region: eu-central-1"],
      ["env:", "env:"], ["  LOG: info", "  LOG: info"], ["  CACHE: on", "  CACHE: off"],
    ]);
  });

  it("mark the part of a line that differs", () => {
    const row = unified(first(first(parse(EDIT).files).hunks))[0];
    expect(row?.line.text.slice(...(row.differs ?? [0, 0]))).toBe("2");
  });

  it.each([
    ["abc", "xyz", undefined],
    ["image: 1.14.2", "image: 1.15.0", [[7, 13], [7, 13]]],
    ["  CACHE: on", "  CACHE: off", [[9, 11], [9, 12]]],
    ["same prefix a", "same prefix", [[11, 13], [11, 11]]],
    ["hello \u{1F600}!", "hello \u{1F601}!", [[6, 8], [6, 8]]],
  ])("%j against %j", (before, after, expected) => expect(differing(before, after)).toEqual(expected));
});
