// Do people get in by what they have, a passkey or a recovery code, and does an admin's word about somebody hold at once?

import type { Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";

import { device, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.make();
  await world.person("ada", ["admin"], ["*"]);
  await world.person("grace", ["viewer"], []);
});
afterAll(() => world?.end());

async function leave(page: Page): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${world.server.url}/login`);
  await page.getByRole("button", { name: /passkey/ }).waitFor();
}

it("a person adds a passkey and logs in with it", async () => {
  const page = await world.page("ada");
  await device(page);
  await page.goto(`${world.server.url}/settings`);
  await page.getByRole("button", { name: "Add a passkey…" }).click();
  await page.getByLabel("What to call it").fill("test device");
  await page.getByRole("dialog").getByRole("button", { name: "Add it" }).click();
  await page.getByText("test device").waitFor();
  await leave(page);
  await page.getByRole("button", { name: "Log in with a passkey" }).click();
  await page.getByRole("heading", { level: 1, name: "Now" }).waitFor();
  await page.goto(`${world.server.url}/settings`);
  await page.getByText("logged in by passkey, ends in").waitFor();
  await page.context().close();
});

it("a recovery code logs in once, and not twice", async () => {
  const page = await world.page("grace");
  await page.goto(`${world.server.url}/settings`);
  await page.getByRole("button", { name: "Make new codes…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make new codes" }).click();
  const code = await page.getByRole("list", { name: "Codes" }).getByRole("listitem").first().innerText();
  for (const sees of [page.getByRole("heading", { level: 1, name: "Now" }), page.getByRole("alert")]) {
    await leave(page);
    await page.getByRole("button", { name: "Use a recovery code" }).click();
    await page.getByLabel("Name").fill("grace");
    await page.getByLabel(/code/i).last().fill(code);
    await page.keyboard.press("Enter");
    await sees.waitFor();
  }
  await page.context().close();
});

it("an admin gives somebody an account and a link, and takes it out of use: the session ends at once", async () => {
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/settings`);
  await page.getByRole("button", { name: "Add somebody…" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("alan");
  await page.getByRole("dialog").getByLabel(/approver decides/).check();
  await page.getByRole("dialog").getByRole("button", { name: "Make the account" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make the link" }).click();
  const link = await page.getByLabel("The link").innerText();
  const alan = await (await page.context().browser()!.newContext()).newPage();
  await alan.goto(link);
  await alan.getByRole("heading", { level: 1, name: "Now" }).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Done" }).click();
  await page.getByRole("listitem").filter({ hasText: "alan" }).getByRole("button", { name: "Change…" }).click();
  await page.getByRole("dialog").getByLabel(/Disabled/).check();
  await page.getByRole("dialog").getByLabel("Reason").fill("left the team");
  await page.getByRole("dialog").getByRole("button", { name: "Change", exact: true }).click();
  await page.getByRole("listitem").filter({ hasText: "alan" }).getByText("disabled").waitFor();
  await alan.goto(`${world.server.url}/runs`);
  await alan.getByRole("button", { name: /passkey/ }).waitFor();
  await alan.context().close();
  await page.context().close();
});
