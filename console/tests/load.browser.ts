// Does *Load* say what people were asked, warn where it is too much, and rank nobody? And does *Now* say the same?

import { afterAll, beforeAll, expect, it } from "vitest";

import { World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.make();
  await world.person("ada", ["approver"]);
  await world.write("free.md");
  for (const [at, name] of ["one", "two", "three"].entries()) {
    const { approval, told } = await world.held(`prod/${name}.yaml`);
    if (at === 2) await world.approver.approvals.reject(approval, "enough");
    else await world.approver.approvals.approve(approval);
    await told();
  }
});
afterAll(() => world?.end());

it("shows asks per hour, waits, yes and no, and the share of calls that need people, with a warning above 30 %", async () => {
  const page = await world.page("ada");
  await page.getByRole("link", { name: /Attention.*75 % of calls ask people/ }).click();
  await page.getByText("above 30 % people stop reading").waitFor();
  await page.getByRole("list", { name: "What to look at" }).getByText(/75 of 100/).waitFor();
  const group = page.getByRole("table", { name: "Groups" }).getByRole("row").nth(1);
  expect((await group.getByRole("cell").allInnerTexts()).slice(0, 5)).toEqual(["operators", "3", "0.1", "3", "0"]);
  const person = page.getByRole("table", { name: "People" }).getByRole("row").nth(1);
  expect((await person.getByRole("cell").allInnerTexts()).slice(0, 4)).toEqual(["approver", "3", "3", "66 %"]);
  const agent = page.getByRole("table", { name: "Agents" }).getByRole("row").nth(1);
  expect(await agent.getByRole("cell").allInnerTexts()).toEqual(["agent", "3", "1", "0", "0"]);
  await page.getByRole("button", { name: "1 hour" }).click();
  await expect.poll(async () => (await group.getByRole("cell").allInnerTexts())[2]).toBe("3");
  await page.context().close();
});

it("follows what is decided while somebody looks", async () => {
  const page = await world.page("ada");
  await page.goto(`${world.server.url}/approvals?show=load`);
  const row = page.getByRole("table", { name: "Groups" }).getByRole("row").nth(1);
  await row.waitFor();
  const before = Number((await row.getByRole("cell").allInnerTexts())[1]);
  await world.held("prod/four.yaml");
  await expect.poll(async () => Number((await row.getByRole("cell").allInnerTexts())[1]), { timeout: 20_000 }).toBe(before + 1);
  await page.context().close();
});
