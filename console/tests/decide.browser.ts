// Can people decide in the console, with a keyboard, on a phone, alone and together, and does the agent get what they said?

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { PHONE, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.make();
  await world.person("ada", ["approver", "operator"]);
  await world.person("grace", ["approver"]);
  await world.person("linus", ["viewer"]);
});
afterAll(() => world?.end());

it("on a phone, a person logs in by a link, reads the diff, approves by keyboard, and the agent's call runs", async () => {
  const told = (await world.held("prod/phone.yaml", "replicas: 6\n")).told();
  const page = await world.page("ada", PHONE);
  await page.getByRole("link", { name: /Approvals/ }).first().click();
  await page.getByRole("list", { name: "Requests" }).getByRole("link").first().click();
  await page.getByText("replicas: 6").first().waitFor();
  const approve = page.getByRole("button", { name: "Approve" });
  await approve.and(page.locator("[data-armed=true]")).waitFor();
  expect(await approve.evaluate((button) => button === document.activeElement)).toBe(false);
  await page.keyboard.press("a");
  await page.getByText("once more").waitFor();
  await page.keyboard.press("a");
  expect(await told).toMatchObject({ status: "succeeded", executed: "yes" });
  await page.getByText("succeeded").first().waitFor();
  expect(await readFile(join(world.server.workspace, "prod/phone.yaml"), "utf8")).toBe("replicas: 6\n");
  await page.context().close();
});

it("a rejection needs a reason, and the agent is told it", async () => {
  const { told, approval } = await world.held("prod/reject.yaml");
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/approvals/${approval}`);
  await page.getByRole("button", { name: "Reject" }).waitFor();
  await page.keyboard.press("r");
  const dialog = page.getByRole("dialog");
  const reject = dialog.getByRole("button", { name: "Reject", exact: true });
  expect(await reject.isDisabled()).toBe(true);
  await dialog.getByRole("textbox", { name: "Reason" }).fill("use the staging file");
  await reject.click();
  const answer = await told();
  expect(answer).toMatchObject({ status: "denied", executed: "no" });
  expect(answer.error?.message).toContain("use the staging file");
  await page.context().close();
});

it("what is typed into a reason decides nothing, nor does moving out of it", async () => {
  const { approval } = await world.held("prod/typed.yaml");
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/approvals/${approval}`);
  await page.locator(".approve[data-armed=true]").waitFor();
  await page.keyboard.press("r");
  const reason = page.getByRole("dialog").getByRole("textbox", { name: "Reason" });
  await reason.pressSequentially("a a aa");
  expect(await reason.inputValue()).toBe("a a aa");
  for (const key of ["Shift+Tab", "a", "a", "Tab", "Tab", "a", "a", "Escape"]) await page.keyboard.press(key);
  await reason.waitFor({ state: "detached" });
  const { approval: now, votes } = await world.admin.approvals.one(approval);
  expect([now.state, votes]).toEqual(["pending", []]);
  await page.context().close();
});

it("where two must agree, one yes is not enough and the same person counts once", async () => {
  const { told, approval, call } = await world.held("both/two.yaml");
  const at = `${world.server.url}/approvals/${approval}`;
  const [ada, grace] = [await world.page("ada"), await world.page("grace")];
  await ada.goto(at);
  await ada.locator(".approve[data-armed=true]").waitFor();
  await ada.locator(".approve").click();
  await expect.poll(async () => (await world.admin.approvals.one(approval)).votes.map((vote) => vote.by), { timeout: 20_000 }).toEqual(["ada"]);
  expect((await world.admin.calls.one(call)).call.state).toBe("held");
  await ada.getByText("Cannot be approved").waitFor();
  await grace.goto(at);
  await grace.locator(".approve[data-armed=true]").waitFor();
  await grace.locator(".approve").click();
  expect(await told()).toMatchObject({ status: "succeeded" });
  await ada.context().close();
  await grace.context().close();
});

it("who may only look cannot decide", async () => {
  const { approval } = await world.held("prod/look.yaml");
  const page = await world.page("linus");
  await page.goto(`${world.server.url}/approvals/${approval}`);
  await page.getByText("Cannot be approved").waitFor();
  expect(await page.locator(".approve").isDisabled()).toBe(true);
  expect(await page.getByRole("button", { name: "Reject" }).isDisabled()).toBe(true);
  await page.context().close();
});

it("where the world moved under an approval, a new request shows what is different now", async () => {
  await writeFile(join(world.server.workspace, "prod/superseded.yaml"), "replicas: 1\n");
  const { approval, told } = await world.held("prod/superseded.yaml", "replicas: 6\n");
  await writeFile(join(world.server.workspace, "prod/superseded.yaml"), "replicas: 3\n");
  await world.approver.approvals.approve(approval);
  const answer = await told();
  expect(answer).toMatchObject({ executed: "no" });
  const next = (await world.admin.approvals.one(approval)).superseded_by?.approval;
  expect(next).toMatch(/^apr_/);
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/approvals/${next ?? ""}`);
  await page.getByText("replicas: 3").first().waitFor();
  await page.getByText("Since the request before").waitFor();
  await page.getByText("How the plan looked then").click();
  await page.getByRole("region", { name: /prod\/superseded\.yaml, as they were/ }).getByText("replicas: 1").waitFor();
  await page.context().close();
});
