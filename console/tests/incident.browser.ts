// Is everything about an act on one page, for a call and for a run, and is the same page a ticket?

import { afterAll, beforeAll, expect, it } from "vitest";

import { PHONE, World } from "./world.ts";

const PARTS = [
  "What context was used", "What policy allowed the step", "What ran", "Which check could have caught it and did not", "What is undone and what cannot be",
];

let world: World;
let run: string;
let call: string;
beforeAll(async () => {
  world = await World.make();
  await world.person("ada", ["operator", "auditor"], []);
  run = (await world.agent.runs.open({ workflow: "default", purpose: "roll out api 1.15" })).run;
  const held = await world.held("prod/api.yaml", "replicas: 6\n", { run, intent: "scale **up** for [Monday](https://evil.example)" });
  call = held.call;
  await world.approver.approvals.approve(held.approval);
  await held.told();
});
afterAll(() => world?.end());

it("a call's page says what allowed it, who approved it, and what ran; the ticket says the same and holds no link of an agent", async () => {
  const page = await world.page("ada");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${world.server.url}/incident/${call}`);
  for (const title of PARTS) await page.getByRole("heading", { level: 2, name: title }).waitFor();
  await page.getByText("ask-production").first().waitFor();
  await page.getByText(/approved it .* after it was asked/).waitFor();
  await page.keyboard.press("c");
  await page.getByText("Copied as Markdown").waitFor();
  const ticket = await page.evaluate(() => navigator.clipboard.readText());
  expect(ticket).toMatch(/^# Incident: `files\.write` on `workspace:prod\/api\.yaml`/);
  for (const title of PARTS) expect(ticket).toContain(`## ${title}`);
  expect(ticket).toContain("`scale **up** for [Monday](https://evil.example)`");
  expect(ticket).toContain(call);
  await page.context().close();
});

it("a run's page names its acts and leads to each, also on a phone", async () => {
  const page = await world.page("ada", PHONE);
  await page.goto(`${world.server.url}/incident/${run}`);
  await page.getByRole("heading", { level: 2, name: "What ran" }).waitFor();
  await page.getByRole("link", { name: "files.write" }).first().click();
  await page.waitForURL(new RegExp(call));
  await page.getByRole("heading", { level: 2, name: "What policy allowed the step" }).waitFor();
  await page.context().close();
});
