// Does somebody log in at an issuer, get what the issuer's groups give, and nothing when the issuer lies?

import { afterAll, beforeAll, expect, it } from "vitest";

import { CLIENT, Provider, SECRET } from "./provider.ts";
import { World } from "./world.ts";

let world: World;
let provider: Provider;
beforeAll(async () => {
  provider = await Provider.start();
  world = await World.make(`
[[login_issuer]]
name = "corp"
title = "Corp"
issuer = "${provider.base}"
client_id = "${CLIENT}"
client_secret_file = "corp-secret"
claim = "groups"
roles = { "eng-leads" = ["approver"] }
groups = { "eng-leads" = ["operators"] }
`, { "corp-secret": SECRET });
});
afterAll(async () => {
  await world?.end();
  await provider?.end();
});

it("a person of the issuer logs in, comes to where they wanted to go, and decides", async () => {
  const { approval, told } = await world.held("prod/issuer.yaml");
  const page = await world.stranger("/login");
  await page.getByRole("link", { name: "Log in with Corp" }).click();
  await page.getByRole("heading", { level: 1, name: "Now" }).waitFor();
  await page.goto(`${world.server.url}/approvals/${approval}`);
  await page.locator(".approve[data-armed=true]").waitFor();
  await page.keyboard.press("a");
  await page.keyboard.press("a");
  expect(await told()).toMatchObject({ status: "succeeded" });
  expect((await world.admin.approvals.one(approval)).votes.map((vote) => [vote.by, vote.assurance])).toEqual([["eve", "session"]]);
  await page.context().close();
});

it("who was sent to the login comes back to the request that a link named", async () => {
  const { approval } = await world.held("prod/linked.yaml");
  const page = await world.stranger(`/approvals/${approval}?show=all`);
  await page.waitForURL(/\/login\?next=/);
  await page.getByRole("link", { name: "Log in with Corp" }).click();
  await page.getByRole("heading", { level: 1, name: /linked\.yaml/ }).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/approvals/${approval}`);
  await page.context().close();
});

it.each([
  ["another nonce", { nonce: "of somebody else" }],
  ["another audience", { aud: "another-client" }],
  ["a token that is over", { exp: 1_000 }],
])("%s lets nobody in, and the login says so", async (_, lies) => {
  provider.lies = lies;
  try {
    const page = await world.stranger("/login");
    await page.getByRole("link", { name: "Log in with Corp" }).click();
    await page.getByRole("alert").getByText("nobody was logged in").waitFor();
    expect(new URL(page.url()).hash).toBe("");
    const response = await page.request.get(`${world.server.url}/v1/session`);
    expect(response.status()).toBe(401);
    await page.context().close();
  } finally {
    provider.lies = {};
  }
});
