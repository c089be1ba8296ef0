// Can people find what happened, prove it, and take it back: runs, calls, the journal, policies? With the keyboard where it matters.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { World } from "./world.ts";

let world: World;
let run: string;
beforeAll(async () => {
  world = await World.make();
  await world.person("ada", ["operator", "auditor"], []);
  run = (await world.agent.runs.open({ workflow: "default", purpose: "roll out api 1.15" })).run;
  await world.agent.runs.open({ workflow: "default", purpose: "tidy the docs" });
  await world.write("src/a.md", "one\n", { run });
  await world.write("src/a.md", "two\n", { run });
  await world.agent.calls.propose({ tool: "files.read", arguments: { path: "src/a.md" }, run });
});
afterAll(() => world?.end());

it("a run is found by words, walked with j and k, and its decisions come out the same again", async () => {
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/runs`);
  await page.getByRole("link", { name: "roll out api 1.15" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("api 1.15");
  await page.waitForURL(/text=/);
  await expect.poll(() => page.getByRole("table", { name: "Runs" }).getByRole("link").count()).toBe(1);
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.getByRole("link", { name: "roll out api 1.15" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "roll out api 1.15" }).waitFor();
  await page.getByRole("row").filter({ hasText: "files.read" }).getByRole("img", { name: /dispatch/ }).waitFor();
  await page.getByRole("button", { name: "Replay" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Replay", exact: true }).click();
  await page.getByRole("dialog").getByText("the same", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export" }).click()]);
  expect(download.suggestedFilename()).toBe(`${run}.jsonl`);
  expect(await readFile(await download.path(), "utf8")).toContain('"call_settled"');
  await page.context().close();
});

it("an act is seen with its plan and taken back from its panel, and the list shows it by itself", async () => {
  const [last] = (await world.admin.calls.list({ run, tool: "files.write" })).items;
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/runs/${run}?call=${last?.call ?? ""}`);
  await page.getByRole("button", { name: "Plan" }).click();
  await page.getByText("can be restored exactly").waitFor();
  await page.getByRole("button", { name: "Why" }).click();
  await page.getByText("In words").waitFor();
  await page.getByRole("button", { name: "Entries" }).click();
  await page.getByText("call_settled").click();
  await page.getByText('"call_settled"').waitFor();
  await page.getByRole("button", { name: "Call", exact: true }).click();
  await page.getByRole("button", { name: "Undo…" }).click();
  await page.getByRole("dialog").getByText("can be restored exactly").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Undo", exact: true }).click();
  await page.getByText("was taken back").waitFor();
  expect(await readFile(join(world.server.workspace, "src/a.md"), "utf8")).toBe("one\n");
  await page.getByRole("complementary").getByText("undone").first().waitFor();
  await page.context().close();
});

it("the journal is searched by the server, follows what happens, and is verified", async () => {
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/journal`);
  await page.getByRole("table", { name: "Entries" }).getByRole("row").nth(3).waitFor();
  await page.getByRole("searchbox").fill("src/a.md");
  await page.waitForURL(/text=/);
  await page.getByLabel("Kind").selectOption("call_admitted");
  await expect.poll(async () => page.getByRole("table", { name: "Entries" }).getByRole("link", { name: /call_admitted/ }).count()).toBeGreaterThanOrEqual(2);
  expect(await page.getByRole("link", { name: "read_settled" }).count()).toBe(0);
  const before = await page.getByRole("table", { name: "Entries" }).getByRole("link", { name: /call_admitted/ }).count();
  await world.write("src/a.md", "three\n", { run });
  await expect.poll(async () => page.getByRole("table", { name: "Entries" }).getByRole("link", { name: /call_admitted/ }).count()).toBe(before + 1);
  await page.getByRole("link", { name: "call_admitted" }).first().click();
  await page.getByText("Its place").waitFor();
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Verify everything" }).click();
  await page.getByRole("dialog").getByText("verified", { exact: true }).waitFor();
  await page.context().close();
});

it("a wrong policy is said to be wrong, with its line, and nothing comes into force", async () => {
  const { version } = await world.admin.policies.current();
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/policies?part=check`);
  const editor = page.getByRole("textbox", { name: /Text of/ });
  await editor.fill(`${await editor.inputValue()}\n@id("new")\n@hodl("group:operators")\nforbid (principal, action, resource);\n`);
  await page.getByRole("button", { name: "Check", exact: true }).last().click();
  await page.getByText("unknown annotation").waitFor();
  await page.getByText(/rules\.cedar:\d+:\d+/).waitFor();
  expect((await world.admin.policies.current()).version).toBe(version);
  await page.context().close();
});
