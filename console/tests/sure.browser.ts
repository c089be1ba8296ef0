// Where a policy asks for a passkey, is a session not enough, does the passkey mend it in place, and are there clocks to see?

import { afterAll, beforeAll, expect, it } from "vitest";

import { device, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.make();
  await world.person("ada", ["approver", "operator"]);
});
afterAll(() => world?.end());

it("a session is led to its passkey, and then decides in the same place", async () => {
  const { approval, told } = await world.held("sure/deploy.yaml", "replicas: 6\n");
  const at = `${world.server.url}/approvals/${approval}`;
  const page = await world.page("ada");
  await device(page);

  // Without a passkey one has to be added first; neither the button nor the keys decide.
  await page.goto(at);
  await page.getByRole("link", { name: "Add a passkey" }).waitFor();
  expect(await page.locator(".approve").isDisabled()).toBe(true);
  await page.keyboard.press("a");
  await page.keyboard.press("a");
  await page.getByRole("link", { name: "Add a passkey" }).click();
  await page.getByRole("button", { name: "Add a passkey…" }).click();
  await page.getByLabel("What to call it").fill("test device");
  await page.getByRole("dialog").getByRole("button", { name: "Add it" }).click();
  await page.getByText("test device").waitFor();
  expect((await world.admin.approvals.one(approval)).votes).toEqual([]);

  await page.goto(at);
  await page.getByText("with a passkey").first().waitFor();
  await page.getByRole("button", { name: "Use your passkey" }).click();
  await page.locator(".approve[data-armed=true]").waitFor();
  await page.keyboard.press("a");
  await page.keyboard.press("a");
  expect(await told()).toMatchObject({ status: "succeeded" });
  const { votes } = await world.admin.approvals.one(approval);
  expect(votes.map((vote) => [vote.by, vote.assurance, vote.surface])).toEqual([["ada", "passkey", "console"]]);
  await page.context().close();
});

it("a request shows its clocks: until when it is decided, when it escalates and to whom, and how long a yes holds", async () => {
  const { approval } = await world.held("sure/clocks.yaml");
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/approvals/${approval}`);
  await page.getByText("decide within").waitFor();
  await page.getByText(/^leads in/).waitFor();
  const clock = page.getByTitle(/^escalates/);
  const before = await clock.innerText();
  expect(before).toMatch(/^(9|10):\d\d$/);
  await expect.poll(() => clock.innerText(), { timeout: 10_000 }).not.toBe(before);
  await page.getByText(/a yes holds 1 h/).waitFor();
  await page.context().close();
});
