// Are the stages of a call drawn as its entries say, and does every moment have its place?

import type { Entry } from "@checkrein/sdk";
import { describe, expect, it } from "vitest";

import { scale } from "./scale.ts";
import { stretches, type Stretch } from "./stages.ts";

let position = 0;

function entry(kind: string, at_ms: number, event: object = {}): Entry {
  position += 1;
  return {
    position, kind, at_ms, entry: { event: { [kind]: event } }, hash: "", seq: position, writer: "w", call: "c", run: "r", tenant: "t",
  };
}

function settled(wall_ms: number, code: string | null = null): object {
  return { outcome: { spent: { wall_ms }, code } };
}

function drawn(found: readonly Stretch[]): string[] {
  return found.map((one) => `${one.kind} ${one.from}-${one.to}${one.code === undefined ? "" : ` ${one.code}`}`);
}

describe("stages", () => {
  it("of a change that runs alone", () => {
    const found = stretches([
      entry("preview_admitted", 104), entry("preview_settled", 110, { code: null }), entry("call_admitted", 112), entry("call_settled", 130, settled(13)),
    ], 100, 999);
    expect(drawn(found)).toEqual(["checked 100-104", "preview 104-110", "decided 110-112", "dispatch 112-125", "settled 125-130"]);
    expect(found.flatMap((one) => one.stages)).toEqual([
      "identify", "resolve", "judge", "recall", "preview", "judge again", "admit", "dispatch", "observe", "settle",
    ]);
  });

  it("of a read, whose only entry says how long the tool took", () => {
    expect(drawn(stretches([entry("read_settled", 150, settled(30))], 100, 999))).toEqual(["checked 100-120", "dispatch 120-150", "settled 150-150"]);
  });

  it("of a held call that people approve, and that walks again", () => {
    const found = stretches([
      entry("preview_admitted", 101), entry("preview_settled", 102), entry("call_held", 103), entry("approval_approved", 500),
      entry("preview_admitted", 502), entry("preview_settled", 503), entry("call_admitted", 504), entry("call_settled", 506, settled(1)),
    ], 100, 999);
    expect(drawn(found)).toEqual([
      "checked 100-101", "preview 101-102", "decided 102-103", "people 103-500", "checked 500-502", "preview 502-503", "decided 503-504",
      "dispatch 504-505", "settled 505-506",
    ]);
  });

  it("of a refusal, with its code, and of what people refuse", () => {
    expect(drawn(stretches([entry("call_denied", 102, { code: "CR-1006" })], 100, 999))).toEqual(["checked 100-102 CR-1006"]);
    const rejected = [entry("call_held", 103), entry("approval_rejected", 300), entry("held_call_denied", 301, { code: "CR-2003" })];
    expect(drawn(stretches(rejected, 100, 999))).toEqual(["checked 100-103", "people 103-300", "people 300-301 CR-2003"]);
  });

  it("go on until now where nothing ended them", () => {
    expect(drawn(stretches([entry("call_held", 103)], 100, 999))).toEqual(["checked 100-103", "people 103-999"]);
    expect(drawn(stretches([entry("call_admitted", 103)], 100, 999))).toEqual(["checked 100-103", "dispatch 103-999"]);
    expect(drawn(stretches([entry("call_admitted", 103), entry("call_lost", 200)], 100, 999)).at(-1)).toBe("doubt 200-999");
  });

  it("never end before they begin, whatever the clock did, in whatever order entries come", () => {
    const one = entry("preview_admitted", 90);
    const two = entry("preview_settled", 80);
    const three = entry("call_admitted", 95);
    for (const entries of [[one, two, three], [three, one, two]]) {
      const found = stretches(entries, 100, 0);
      expect(found.every((stretch) => stretch.from <= stretch.to)).toBe(true);
      expect(found.every((stretch, at) => at === 0 || found[at - 1]?.to === stretch.from)).toBe(true);
    }
  });
});

describe("the scale", () => {
  it("is straight where nothing is squeezed", () => {
    const { place, gaps } = scale([{ from: 0, to: 50 }, { from: 40, to: 100 }]);
    expect([0, 25, 100, -5, 500].map(place)).toEqual([0, 0.25, 1, 0, 1]);
    expect(gaps).toEqual([]);
  });

  it("squeezes hours in which only people thought", () => {
    const { place, gaps, drawnMs } = scale([{ from: 0, to: 10 }, { from: 3_600_010, to: 3_600_020 }]);
    expect(gaps).toEqual([{ from: 0.49, to: 0.51, ms: 3_600_000 }]);
    expect(drawnMs).toBe(20);
    expect([10, 1_800_010, 3_600_010, 3_600_020].map((ms) => Number(place(ms).toFixed(3)))).toEqual([0.49, 0.5, 0.51, 1]);
  });

  it("leaves room for work however many gaps there are, and never goes back", () => {
    const busy = Array.from({ length: 300 }, (_, at) => ({ from: at * 10_000, to: at * 10_000 + 5 }));
    const { place, gaps } = scale(busy);
    expect(gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0)).toBeLessThanOrEqual(0.2401);
    const places = Array.from({ length: 3_000 }, (_, at) => place(at * 1_000));
    expect(places.every((one, at) => at === 0 || one >= (places[at - 1] ?? 0))).toBe(true);
    expect(places.every((one) => one >= 0 && one <= 1.000001)).toBe(true);
  });

  it("has a place for everything where nothing is known", () => {
    expect(scale([]).place(5)).toBe(0);
    expect(scale([{ from: 7, to: 7 }]).place(7)).toBe(0);
  });
});

describe("the ruler", () => {
  it("has round marks of work, and none in gaps", () => {
    const axis = scale([{ from: 0, to: 300 }, { from: 100_000, to: 100_200 }]);
    expect(axis.ticks.map((tick) => tick.ms)).toEqual([0, 200, 400]);
    const [gap] = axis.gaps;
    expect(axis.ticks.map((tick) => tick.at < (gap?.from ?? 0) || tick.at >= (gap?.to ?? 0))).toEqual([true, true, true]);
  });

  it("of nothing has no mark", () => expect(scale([]).ticks).toEqual([]));
});
