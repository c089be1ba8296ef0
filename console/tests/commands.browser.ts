// Does every command that a screen offers exist as it stands there, so that what is copied at three in the morning works?

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { World } from "./world.ts";

const binary = process.env["CHECKREIN_BIN"] ?? join(import.meta.dirname, "../../target/debug/checkrein");
const directory = mkdtempSync(join(tmpdir(), "checkrein-commands-"));

let world: World;
let paths: readonly string[];
beforeAll(async () => {
  symlinkSync(binary, join(directory, "checkrein"));
  world = await World.make();
  await world.person("ada", ["admin"], ["*"]);
  const { run } = await world.agent.runs.open({ workflow: "default", purpose: "roll out api 1.15" });
  const { call = "" } = await world.write("src/a.md", "one\n", { run });
  const { approval } = await world.held("prod/api.yaml", "on\n", { run });
  const { items: [agent] } = await world.admin.agents.list();
  paths = [
    "/", "/approvals", "/approvals?show=all", "/approvals?show=reviews", "/approvals?show=decided", "/approvals?show=load", `/approvals/${approval}`,
    "/runs", "/runs?state=open&workflow=default&text=api", `/runs/${run}`, `/runs/${run}?call=${call}`, `/runs/${run}?call=${call}&part=plan`,
    `/runs/${run}?call=${call}&part=why`, "/agents", `/agents?agent=${agent?.grant ?? ""}`, "/tools", "/tools/files.write", "/policies",
    "/policies?part=text", "/policies?part=check", `/policies?part=explain&call=${call}`, "/policies?part=suggest", "/journal",
    "/journal?text=api&kind=call_held", "/journal?entry=3", "/settings",
  ];
});
afterAll(async () => {
  await world?.end();
  rmSync(directory, { recursive: true, force: true });
});

/** What the program says of a command, up to the point where it would do it. */
function check(command: string): string | undefined {
  // `--help` at the end is answered only where everything before it is known.
  const { status, stderr } = spawnSync("sh", ["-c", `${command} --help`], { env: { PATH: `${directory}:${process.env["PATH"] ?? ""}` }, encoding: "utf8" });
  return status === 0 ? undefined : stderr;
}

it("is answered by the program for what it does not know", () => {
  expect(check("checkrein approvals lost")).toMatch(/unrecognized/);
  expect(check("checkrein runs ls --never x")).toMatch(/unexpected/);
});

it("every command on every screen is one that the program knows", async () => {
  const page = await world.page("ada");
  const found = new Map<string, string>();
  const bare: string[] = [];
  for (const path of paths) {
    await page.goto(world.server.url + path);
    await page.locator("main h1").filter({ visible: true }).first().waitFor();
    await page.waitForFunction(() => document.querySelector(".reading") === null);
    const all = await page.locator("[data-command]").evaluateAll((buttons) => buttons.map((one) => one.getAttribute("data-command") ?? ""));
    if (!all.some((text) => /^(checkrein|curl) /.test(text))) bare.push(path);
    // A policy to copy is copied by the same button.
    const commands = all.filter((text) => !text.includes("\n"));
    for (const command of [...commands, ...(await page.locator("main .command > span:nth-child(2)").allInnerTexts())]) found.set(command, path);
  }
  expect(bare, "screens that offer no command").toEqual([]);
  const wrong = [...found].filter(([command]) => command.startsWith("checkrein ")).flatMap(([command, path]) => {
    const said = check(command);
    return said === undefined ? [] : [`${path}: ${command}\n${said}`];
  });
  expect(wrong).toEqual([]);
  expect([...found.keys()].filter((command) => !/^(checkrein|curl) /.test(command))).toEqual([]);
  console.log(`${found.size} commands on ${paths.length} screens`);
  await page.context().close();
});
