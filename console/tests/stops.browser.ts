// Is something stopped from its own screen after its reach was seen, is a kill what was typed, and does a receipt say what
// became of everything?

import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.make();
  await world.person("ada", ["admin"], ["*"]);
  await world.person("linus", ["viewer"], []);
});
afterAll(() => world?.end());

it("an agent is suspended after its reach was seen, the receipt stands beside it, and it goes on with a reason", async () => {
  const { run } = await world.agent.runs.open({ workflow: "default", purpose: "roll out api 1.15" });
  await world.write("src/before.md", "on\n", { run });
  const page = await world.page("ada");
  await page.keyboard.press("g");
  await page.keyboard.press("x");
  await page.getByRole("heading", { level: 1, name: "Stops" }).waitFor();
  await page.getByText("Nothing is stopped.").waitFor();
  await page.getByLabel("Which", { exact: true }).fill("agent");
  await page.waitForURL(/scope=agent%3Alocal%2Fagent/);
  await page.getByText("open runs").waitFor();
  await page.getByRole("button", { name: "Suspend the agent agent…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("open runs").waitFor();
  expect(await dialog.getByRole("button", { name: "Suspend", exact: true }).isDisabled()).toBe(true);
  await dialog.getByLabel("Reason").fill("it does odd things");
  await dialog.getByRole("button", { name: "Suspend", exact: true }).click();
  await page.waitForURL(/stop=stop_/);
  await page.getByRole("complementary").getByText("Fence raised").waitFor();
  expect(await world.write("src/after.md", "on\n", { run })).toMatchObject({ status: "stopped", executed: "no" });
  await page.getByRole("complementary").getByRole("button", { name: "Resume…" }).click();
  await dialog.getByLabel("Reason").fill("it was a test");
  await dialog.getByRole("button", { name: "Resume", exact: true }).click();
  await page.getByText("Nothing is stopped.").waitFor();
  expect(await world.write("src/after.md", "on\n", { run })).toMatchObject({ status: "succeeded" });
  await page.context().close();
});

it("a kill shows what goes back, takes nothing but the words, and takes the act back", async () => {
  const { run } = await world.agent.runs.open({ workflow: "default", purpose: "go astray" });
  await world.write("src/astray.md", "on\n", { run });
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/stops?scope=${run}&level=kill`);
  await page.getByText("open runs").waitFor();
  await page.getByRole("button", { name: /^Kill run_/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("it went astray");
  await dialog.getByLabel(/Acts to take back/).fill("1");
  await dialog.getByRole("button", { name: "Plan the kill" }).click();
  await dialog.getByRole("list", { name: "Acts" }).getByText("goes back").waitFor();
  const kill = dialog.getByRole("button", { name: "Kill", exact: true });
  const words = dialog.getByLabel(/Type/);
  await words.pressSequentially(`kill ${run}`);
  expect(await kill.isDisabled()).toBe(true);
  await words.pressSequentially(" and undo 1");
  await kill.and(page.locator("[data-armed=true]")).click();
  const receipt = page.getByRole("complementary");
  await receipt.getByText("Acts taken back").waitFor();
  await receipt.getByText(/^everything answered/).waitFor();
  expect(existsSync(join(world.server.workspace, "src/astray.md"))).toBe(false);
  expect((await world.admin.runs.one(run)).state).toBe("ended");
  for (const stop of (await world.admin.stops.list({ state: "in_force" })).items) await world.admin.stops.lift(stop.stop, "the test is over");
  await page.context().close();
});

it("a drill is rehearsed and says how every lever answered", async () => {
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/stops`);
  await page.getByText("never rehearsed").waitFor();
  await page.getByRole("button", { name: "Rehearse now" }).click();
  await page.getByText("Fence raised").waitFor({ timeout: 60_000 });
  expect(await world.write("src/drilled.md")).toMatchObject({ status: "succeeded" });
  await page.context().close();
});

it("who may only look stops nothing", async () => {
  const page = await world.page("linus");
  await page.goto(`${world.server.url}/stops?scope=agent%3Alocal%2Fagent`);
  await page.getByText("your roles do not let you stop anything").waitFor();
  expect(await page.getByRole("button", { name: /^Suspend the agent/ }).isDisabled()).toBe(true);
  await page.context().close();
});
