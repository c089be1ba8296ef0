// What you see is what runs: nothing of a call can hide from the person who decides it. Each case is an attack that worked on
// somebody.

import { afterAll, beforeAll, expect, it } from "vitest";

import { World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.make();
  await world.person("ada", ["approver"]);
});
afterAll(() => world?.end());

it.each<[string, string, RegExp]>([
  ["text that runs from right to left", "deploy \u202Eexe.txt\u202C\n", /U\+202E/],
  ["characters without width", "api\u200B.example.com\n", /U\+200B/],
  ["text pushed away by tabs", `on\t\t\t\t\t\t\t\t\trm -rf /\n`, /[→⇥]|U\+0009|TAB/],
  ["letters of another alphabet", "https://p\u0430ypal.com\n", /U\+0430/],
])("%s is shown for what it is", async (name, content, mark) => {
  const { approval } = await world.held(`prod/${name.replaceAll(" ", "-")}.txt`, content);
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/approvals/${approval}`);
  await page.locator(".request mark").first().waitFor();
  const marks = await page.locator(".request mark").evaluateAll((all) => all.map((one) => `${one.textContent ?? ""} ${one.getAttribute("title") ?? ""}`));
  expect(marks.join("\n")).toMatch(mark);
  // A mark that the server put into its own words is not marked again.
  expect(marks.join("\n")).not.toContain("U+27EA");
  await page.context().close();
});

it("an intent cannot put anything into the page", async () => {
  const { approval } = await world.held("prod/intent.txt", "on\n", { intent: `<img src=x onerror="document.title='taken'"><button class="approve">Approve</button>` });
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/approvals/${approval}`);
  await page.getByText('<button class="approve">').waitFor();
  expect(await page.locator(".request img, .request .approve").count()).toBe(0);
  expect(await page.title()).not.toBe("taken");
  await page.context().close();
});

it("what is long is collapsed, and cannot be approved before it was opened", async () => {
  const lines = Array.from({ length: 900 }, (_, at) => `line ${at}`).join("\n");
  const { approval, told } = await world.held("prod/long.txt", `${lines}\nthe end of it\n`);
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/approvals/${approval}`);
  await page.getByText("Not all of it was on the screen yet.").waitFor();
  expect(await page.locator(".approve").isDisabled()).toBe(true);
  expect(await page.getByText("the end of it").count()).toBe(0);
  await page.getByRole("button", { name: /^Show \d+ part/ }).click();
  await page.getByText("the end of it").first().waitFor();
  // What was just opened has to be in sight for its time too.
  expect(await page.locator(".approve").getAttribute("data-armed")).toBe("false");
  await page.locator(".approve[data-armed=true]").waitFor();
  await page.keyboard.press("a");
  await page.keyboard.press("a");
  expect(await told()).toMatchObject({ status: "succeeded" });
  await page.context().close();
});
