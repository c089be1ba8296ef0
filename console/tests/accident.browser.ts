// No accidental yes: every way in which other products took one for an approval (a first keypress, a click that was meant for
// the window, a key that was held down, typing, a request that closed under the finger) leaves the call waiting here. After
// each accident the request is approved on purpose, so that what was tried is known to have met a live one.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";

import { World } from "./world.ts";

let world: World;
let page: Page;
let sent: string[];
let number = 0;

beforeAll(async () => {
  world = await World.make();
  await world.person("ada", ["approver", "operator"]);
  page = await world.page("ada");
  page.on("request", (request) => {
    const found = /\/v1\/approvals\/(apr_\w+)\/(approve|reject)$/.exec(request.url());
    if (found !== null) sent.push(`${found[2]} ${found[1]}`);
  });
});
afterAll(() => world?.end());

type Held = Awaited<ReturnType<World["held"]>>;

async function held(): Promise<Held> {
  sent = [];
  number += 1;
  return world.held(`prod/accident-${number}.yaml`);
}

function at({ approval }: Held): string {
  return `${world.server.url}/approvals/${approval}`;
}

function approve(): ReturnType<Page["locator"]> {
  return page.locator(".approve");
}

async function armed(): Promise<void> {
  await page.locator(".approve[data-armed=true]").waitFor();
}

/** Nothing was sent, everybody still may decide it, and a yes on purpose is taken. */
async function waitsAndThenRuns(one: Held): Promise<void> {
  await armed();
  expect(sent).toEqual([]);
  const { approval, votes } = await world.admin.approvals.one(one.approval);
  expect([approval.state, votes]).toEqual(["pending", []]);
  await page.keyboard.press("a");
  await page.getByText("once more").waitFor();
  await page.keyboard.press("a");
  expect(await one.told()).toMatchObject({ status: "succeeded" });
  expect(sent).toEqual([`approve ${one.approval}`]);
}

it("the first keypress after the page opened is not an approval", async () => {
  const one = await held();
  await page.goto(at(one), { waitUntil: "commit" });
  await approve().waitFor();
  for (const key of ["a", "a", "Enter", "Space", "y"]) await page.keyboard.press(key);
  await waitsAndThenRuns(one);
});

it("nor is the first click, where the button came to lie under the pointer", async () => {
  const one = await held();
  await page.goto(at(one), { waitUntil: "commit" });
  await approve().waitFor();
  expect(await approve().getAttribute("data-armed")).toBe("false");
  await approve().dispatchEvent("pointerdown");
  await approve().dispatchEvent("click");
  await waitsAndThenRuns(one);
});

it("one keypress is not two: `a` alone only asks for another", async () => {
  const one = await held();
  await page.goto(at(one));
  await armed();
  await page.keyboard.press("a");
  await page.getByText("once more").waitFor();
  await page.getByText("once more").waitFor({ state: "hidden" });
  await waitsAndThenRuns(one);
});

it("a key that is held down repeats itself, and decides nothing", async () => {
  const one = await held();
  await page.goto(at(one));
  await armed();
  // The second and every further one is told as a repetition, as an operating system does.
  for (let times = 0; times < 12; times += 1) await page.keyboard.down("a");
  await page.keyboard.up("a");
  await approve().focus();
  await page.evaluate(() => document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", repeat: true, bubbles: true })));
  await page.getByText("once more").waitFor({ state: "hidden" });
  await approve().blur();
  await waitsAndThenRuns(one);
});

it("a click that brought the window forward does not approve", async () => {
  const one = await held();
  await page.goto(at(one));
  await armed();
  await leaveWindow();
  await page.locator(".approve[data-armed=false]").waitFor();
  // What a click on a window behind another one is to a page: the focus, then the click, at once.
  await comeBack();
  await approve().dispatchEvent("pointerdown");
  await approve().dispatchEvent("click");
  await waitsAndThenRuns(one);
});

it("nor does a button that was held down while the window came forward", async () => {
  const one = await held();
  await page.goto(at(one));
  await armed();
  await leaveWindow();
  await approve().dispatchEvent("pointerdown");
  await comeBack();
  await armed();
  await approve().dispatchEvent("click");
  await waitsAndThenRuns(one);
});

it("typing in the reason field never approves, nor do Enter and Shift+Tab there", async () => {
  const one = await held();
  await page.goto(at(one));
  await armed();
  await page.keyboard.press("r");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Reason" }).focus();
  await page.keyboard.type("aa a\naa");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.type("aa");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.type("aa");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await waitsAndThenRuns(one);
});

it("closing a dialog with a key does not hand that key on to the request behind it", async () => {
  const one = await held();
  await page.goto(at(one));
  await armed();
  for (const opens of ["r", "e", "q", "?"]) {
    await page.keyboard.press(opens);
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("a");
    await page.keyboard.press("a");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  }
  await waitsAndThenRuns(one);
});

it("closing one request never answers the next", async () => {
  const [one, next] = [await held(), await held()];
  await page.goto(at(one));
  await armed();
  await page.keyboard.press("a");
  await page.getByText("once more").waitFor();
  // The second `a` meets another request: it counts as that one's first, and not before it is armed.
  await page.keyboard.press("j");
  await page.getByRole("heading", { level: 1, name: new RegExp(`accident-${number}`) }).waitFor();
  await page.keyboard.press("a");
  await page.keyboard.press("a");
  await waitsAndThenRuns(next);
  expect((await world.admin.approvals.one(one.approval)).approval.state).toBe("pending");
  await world.approver.approvals.reject(one.approval, "not needed");
});

it("a request that was decided elsewhere takes no late yes, and says so without being loaded again", async () => {
  const one = await held();
  await page.goto(at(one));
  await armed();
  await world.approver.approvals.reject(one.approval, "somebody was faster");
  await page.getByText("somebody was faster").first().waitFor();
  expect(await approve().count()).toBe(0);
  await page.keyboard.press("a");
  await page.keyboard.press("a");
  expect(sent).toEqual([]);
  expect(await one.told()).toMatchObject({ status: "denied", executed: "no" });
});

/** Another window comes forward. The browser of these tests has none, so the page is told what it would be told. */
async function leaveWindow(): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, "hasFocus", { value: () => false, configurable: true });
    window.dispatchEvent(new Event("blur"));
  });
}

async function comeBack(): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, "hasFocus", { value: () => true, configurable: true });
    window.dispatchEvent(new Event("focus"));
  });
}
