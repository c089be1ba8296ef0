// Every screen in both themes and on a phone: a picture of each, nothing that shuts people out, nothing wider than the screen.

import type { Page } from "playwright-core";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";

import { accessible, DESK, fits, PHONE, pictures, World } from "./world.ts";

let world: World;
let directory: string;
let screens: (readonly [name: string, path: string, sign: string])[];

beforeAll(async () => {
  world = await World.make();
  directory = await pictures();
  await world.person("ada", ["admin"], ["*"]);
  await world.person("grace", ["approver", "operator"]);
  const { run, decided } = await fill();
  const { approval, call } = await world.held("prod/api.yaml", "replicas: 6\nimage: api:1.15.0\nregion: eu-central-1\n", { run });
  const acted = (await world.admin.calls.list({ run, tool: "files.write" })).items.find((one) => one.state === "succeeded");
  const lifted = await stopAndLift();
  screens = [
    ["now", "/", "h1"],
    ["approvals", "/approvals", "h1"],
    ["approval", `/approvals/${approval}`, ".request"],
    ["approval-superseding", `/approvals/${await supersede(run)}`, ".request"],
    ["approval-decided", `/approvals/${decided}`, ".request"],
    ["approvals-decided", "/approvals?show=decided", "h1"],
    ["load", "/approvals?show=load", "h1"],
    ["runs", "/runs", "h1"],
    ["run", `/runs/${run}`, "h1"],
    ["call", `/runs/${run}?call=${acted?.call ?? ""}`, "h1"],
    ["plan", `/runs/${run}?call=${acted?.call ?? ""}&part=plan`, "h1"],
    ["agents", "/agents", "h1"],
    ["tools", "/tools", "h1"],
    ["tool", "/tools/files.write", "h1"],
    ["policies", "/policies", "h1"],
    ["policy-text", "/policies?part=text", "h1"],
    ["policy-check", "/policies?part=check", "h1"],
    ["policy-explain", `/policies?part=explain&call=${call}`, "h1"],
    ["journal", "/journal", "h1"],
    ["journal-entry", "/journal?entry=3", "h1"],
    ["settings", "/settings", "h1"],
    ["reviews", "/approvals?show=reviews", "h1"],
    ["stops", "/stops?scope=agent%3Alocal%2Fagent", "h1"],
    ["stops-receipt", `/stops?show=lifted&stop=${lifted}`, "h1"],
    ["undo", "/undo?show=all", "h1"],
    ["undo-act", `/undo?show=all&call=${acted?.call ?? ""}`, "h1"],
    ["dead-letters", "/dead-letters", "h1"],
    ["incident-call", `/incident/${acted?.call ?? ""}`, "h1"],
    ["incident-run", `/incident/${run}`, "h1"],
  ];
});
afterAll(() => world?.end());

/** Enough of everything: what ran, what was refused, what was taken back, what was rejected. */
async function fill(): Promise<{ run: string; decided: string }> {
  for (const purpose of ["triage the issues of the week", "write the release notes of 2.4"]) {
    const { run } = await world.agent.runs.open({ workflow: "default", purpose });
    await world.write(`notes/${purpose.slice(0, 5)}.md`, "# Notes\n", { run });
    await world.agent.runs.end(run, { outcome: "succeeded", reason: "it is done" });
  }
  const { run } = await world.agent.runs.open({ workflow: "default", purpose: "roll out api 1.15" });
  for (let at = 0; at < 8; at += 1) {
    await world.write(`src/part${at % 4}.md`, `# Part ${at}\n\nline one\nline ${at}\n`, { run });
    await world.agent.calls.propose({ tool: "files.list", arguments: { path: "." }, run });
  }
  await world.agent.calls.propose({ tool: "files.read", arguments: { path: "../secret" }, run });
  const act = await world.write("src/back.md", "to be taken back\n", { run });
  await world.admin.calls.undo(act.call ?? "");
  const rejected = await world.held("prod/rejected.yaml", "on\n", { run });
  await world.approver.approvals.reject(rejected.approval, "not on a Friday");
  const approved = await world.held("prod/approved.yaml", "on\n", { run });
  await world.approver.approvals.approve(approved.approval);
  await approved.told();
  await world.held("both/two.yaml", "on\n", { run });
  await world.write("src/part1.md", "# Part one\n\nline one\nline two, changed\n", { run });
  return { run, decided: approved.approval };
}

/** A stop that holds no more, with its receipt. */
async function stopAndLift(): Promise<string> {
  const { stop } = await world.admin.stops.order({ scope: "tool:files.delete", level: "suspend", reason: "it deletes too much" });
  await world.admin.stops.lift(stop.stop, "it was meant to");
  return stop.stop;
}

/** A request that took the place of another one, because what it was about moved. */
async function supersede(run: string): Promise<string> {
  const file = join(world.server.workspace, "prod/replicas.yaml");
  await writeFile(file, "replicas: 1\nimage: api:1.14.2\n");
  const { approval, told } = await world.held("prod/replicas.yaml", "replicas: 6\nimage: api:1.15.0\n", { run, intent: "scale the api for the launch on Monday" });
  await writeFile(file, "replicas: 3\nimage: api:1.14.2\n");
  await world.approver.approvals.approve(approval);
  await told();
  const next = (await world.admin.approvals.one(approval)).superseded_by?.approval;
  if (next == null) throw new Error("nothing took its place");
  return next;
}

async function quiet(page: Page, sign: string): Promise<void> {
  await page.locator(`main ${sign}`).filter({ visible: true }).first().waitFor();
  await page.waitForFunction(() => document.querySelector(".reading") === null);
  await page.waitForFunction(() => [...document.querySelectorAll<HTMLButtonElement>(".approve")].every((button) => button.disabled || button.dataset["armed"] === "true"));
  await page.evaluate(() => document.fonts.ready);
}

describe.each([
  ["light", { ...DESK, colorScheme: "light" }],
  ["dark", { ...DESK, colorScheme: "dark" }],
  ["phone-light", { ...PHONE, colorScheme: "light" }],
  ["phone-dark", { ...PHONE, colorScheme: "dark" }],
] as const)("%s", (theme, options) => {
  it("every screen is fit to be seen and used", { timeout: 300_000 }, async () => {
    const page = await world.page("ada", options);
    for (const [name, path, sign] of screens) {
      await page.goto(world.server.url + path);
      await quiet(page, sign);
      await page.screenshot({ path: join(directory, `${name}-${theme}.png`) });
      await accessible(page, `${name}, ${theme}`);
      await fits(page, `${name}, ${theme}`);
    }
    await page.context().close();
  });

  it("so is the login", async () => {
    const page = await world.page("ada", options);
    await page.context().clearCookies();
    await page.goto(`${world.server.url}/login`);
    await page.getByRole("button", { name: /passkey/ }).waitFor();
    await page.screenshot({ path: join(directory, `login-${theme}.png`) });
    await accessible(page, `login, ${theme}`);
    await fits(page, `login, ${theme}`);
    await page.context().close();
  });
});
