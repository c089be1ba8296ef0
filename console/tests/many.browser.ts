// Very long lists: does the page stay small and quick, does a person get to their end, and does an address bring a view back?

import { afterAll, beforeAll, expect, it } from "vitest";

import { World } from "./world.ts";

/** So many runs, and some more entries than that. */
const RUNS = 1_200;
/** So many at once while they are made. */
const AT_ONCE = 8;
/** The most rows that stand on the page, however many there are. */
const DRAWN_MAX = 90;
/** The most that scrolling to the end may take until it is drawn, in milliseconds: half of all times, as the machine is shared. */
const STEP_MAX_MS = 250;

let world: World;
beforeAll(async () => {
  world = await World.make();
  await world.person("ada", ["operator", "auditor"], []);
  for (let from = 0; from < RUNS; from += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => work(from + at)));
  }
}, 240_000);
afterAll(() => world?.end());

/** A run; all but the last ones end at once, as a grant has only so many open. */
async function work(number: number): Promise<void> {
  const { run } = await world.agent.runs.open({ workflow: "default", purpose: `piece of work ${number}` });
  if (number < RUNS - 100) await world.agent.runs.end(run, { outcome: "succeeded", reason: "it is done" });
}

it.each(["/runs", "/journal"])("%s is read to its end, with few rows on the page at any time", async (path) => {
  const page = await world.page("ada");
  await page.goto(world.server.url + path);
  const table = page.getByRole("table");
  await table.getByRole("row").nth(10).waitFor();
  const body = page.locator(".table-body");
  let most = 0;
  const steps: number[] = [];
  await expect.poll(async () => {
    const [rows, took] = await body.evaluate(async (box) => {
      const began = performance.now();
      box.scrollTop = box.scrollHeight;
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      return [box.querySelectorAll('[role="row"]').length, performance.now() - began] as const;
    });
    most = Math.max(most, rows);
    steps.push(took);
    return Number(await table.getAttribute("aria-rowcount"));
  }, { timeout: 60_000 }).toBeGreaterThan(RUNS);
  const middle = steps.toSorted((one, other) => one - other)[Math.floor(steps.length / 2)] ?? Infinity;
  console.log(`${path}: at most ${most} rows drawn; of ${steps.length} steps half took less than ${Math.round(middle)} ms, the longest ${Math.round(Math.max(...steps))} ms`);
  expect(most).toBeLessThan(DRAWN_MAX);
  expect(middle).toBeLessThan(STEP_MAX_MS);
  await page.context().close();
});

it("j held down goes through a long list row by row, and the focus stays in sight", async () => {
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/runs`);
  await page.getByRole("row").nth(10).waitFor();
  for (let times = 0; times < 60; times += 1) await page.keyboard.down("j");
  await page.keyboard.up("j");
  await page.locator('[data-index="59"] .row-link:focus').waitFor();
  expect(await page.locator('[data-index="59"]').evaluate((row) => {
    const [own, box] = [row.getBoundingClientRect(), row.closest(".table-body")?.getBoundingClientRect()];
    return box !== undefined && own.top >= box.top - 1 && own.bottom <= box.bottom + 1;
  })).toBe(true);
  await page.context().close();
});

it("an address brings a view back: filters, parts and what is open", async () => {
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/runs?state=open&workflow=default&text=${encodeURIComponent("work 1199")}`);
  await page.getByRole("link", { name: "piece of work 1199" }).waitFor();
  expect(await page.getByRole("button", { name: "Open", exact: true }).getAttribute("aria-pressed")).toBe("true");
  expect(await page.getByLabel("Workflow").inputValue()).toBe("default");
  expect(await page.getByRole("searchbox").inputValue()).toBe("work 1199");

  await page.goto(`${world.server.url}/journal?kind=run_opened&text=work+7`);
  await expect.poll(() => page.getByLabel("Kind").inputValue()).toBe("run_opened");
  expect(await page.getByRole("searchbox").inputValue()).toBe("work 7");

  await page.goto(`${world.server.url}/approvals?show=load&span=week`);
  await page.getByRole("button", { name: "7 days" }).and(page.locator("[aria-pressed=true]")).waitFor();
  await page.getByRole("button", { name: "1 hour" }).click();
  await page.waitForURL(/span=hour/);

  // What is chosen goes into the address, and going back takes it out again.
  await page.goto(`${world.server.url}/approvals`);
  await page.getByRole("button", { name: "Decided" }).click();
  await page.waitForURL(/show=decided/);
  await page.goBack();
  await page.waitForURL((url) => !url.search.includes("decided"));
  await page.context().close();
});
