// Are several acts taken back as their plan said, with what cannot be and why, and never others than were on the screen?

import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.make();
  await world.person("ada", ["operator"], []);
});
afterAll(() => world?.end());

it("the last acts of a run are planned, taken back in order, and reported; what changed since stays", async () => {
  // A directory that an act made goes only with all that is in it.
  await mkdir(join(world.server.workspace, "src"), { recursive: true });
  const { run } = await world.agent.runs.open({ workflow: "default", purpose: "write three files" });
  for (const name of ["a", "b", "c"]) await world.write(`src/${name}.md`, `${name}\n`, { run });
  await writeFile(join(world.server.workspace, "src/b.md"), "changed by hand\n");
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/undo`);
  await page.getByRole("table", { name: "Acts" }).getByRole("row").nth(3).waitFor();
  await page.keyboard.press("o");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Run", { exact: true }).fill(run);
  await dialog.getByLabel(/How many/).fill("3");
  await dialog.getByRole("button", { name: "Plan it" }).click();
  await dialog.getByText(/^3 acts: /).waitFor();
  await dialog.getByRole("button", { name: /^Undo \d act/ }).and(page.locator("[data-armed=true]")).click();
  await dialog.getByRole("heading", { name: "Not everything is undone" }).waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();
  expect(["a", "c"].map((name) => existsSync(join(world.server.workspace, `src/${name}.md`)))).toEqual([false, false]);
  expect(await readFile(join(world.server.workspace, "src/b.md"), "utf8")).toBe("changed by hand\n");
  await page.getByRole("button", { name: "Undone", exact: true }).click();
  await page.waitForURL(/show=undone/);
  await page.getByRole("table", { name: "Acts" }).getByText("src/c.md").waitFor();
  await page.context().close();
});

it("where something happened since the plan was read, nothing is undone", async () => {
  const { run } = await world.agent.runs.open({ workflow: "default", purpose: "go on meanwhile" });
  await world.write("src/first.md", "first\n", { run });
  const page = await world.page("ada");
  // Without its events the page does not see what happens.
  await page.route("**/v1/events**", (route) => route.abort());
  await page.goto(`${world.server.url}/undo`);
  await page.getByRole("table", { name: "Acts" }).waitFor();
  await page.keyboard.press("o");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Run", { exact: true }).fill(run);
  await dialog.getByLabel(/How many/).fill("1");
  await dialog.getByRole("button", { name: "Plan it" }).click();
  await dialog.getByText("src/first.md").waitFor();
  const undo = dialog.getByRole("button", { name: "Undo 1 act" }).and(page.locator("[data-armed=true]"));
  await undo.waitFor();
  await world.write("src/second.md", "second\n", { run });
  await undo.click();
  await dialog.getByText("something happened since").waitFor();
  await dialog.getByText("src/second.md").waitFor();
  expect(["first", "second"].map((name) => existsSync(join(world.server.workspace, `src/${name}.md`)))).toEqual([true, true]);
  await page.context().close();
});

it("one act is open by its address, with its way back and what it changed", async () => {
  const act = await world.write("src/open.md", "open\n");
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/undo?call=${act.call ?? ""}`);
  const side = page.getByRole("complementary");
  await side.getByText("can be undone").first().waitFor();
  await side.getByText("can be restored exactly").waitFor();
  await side.getByRole("link", { name: "Everything about this act" }).click();
  await page.getByRole("heading", { name: "What is undone and what cannot be" }).waitFor();
  await page.context().close();
});
