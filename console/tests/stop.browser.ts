// Is everything stopped from Now, seen on every screen, and let go again? And what does a browser load to get there?

import { Stopped } from "@checkrein/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";

import { World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.make();
  await world.person("ada", ["admin"], []);
  await world.person("grace", ["operator"], []);
});
afterAll(() => world?.end());

it("a person suspends everything from Now, after seeing what that reaches, and resumes it", async () => {
  await world.write("before.md");
  const page = await world.page("ada");
  await page.getByRole("button", { name: /Suspend everything/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("open runs").waitFor();
  await dialog.getByLabel("Reason").fill("something is odd");
  await dialog.getByRole("button", { name: "Suspend everything" }).click();
  await dialog.getByText("Everything is suspended").waitFor();
  const stopped = await world.agent.propose({ tool: "files.write", arguments: { path: "after.md", content: "x" } }).catch((error: unknown) => error);
  expect(stopped).toBeInstanceOf(Stopped);
  await dialog.getByRole("button", { name: "Done" }).click();
  for (const screen of ["/journal", "/runs"]) {
    await page.goto(world.server.url + screen);
    await page.getByText("Everything is suspended").waitFor();
  }
  await page.getByRole("button", { name: "Resume…" }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill("it was me");
  await page.getByRole("dialog").getByRole("button", { name: "Resume", exact: true }).click();
  await page.getByText("Everything is suspended").waitFor({ state: "hidden" });
  expect(await world.write("after.md")).toMatchObject({ status: "succeeded" });
  await page.context().close();
});

it("who may only operate suspends everything of the own tenant", async () => {
  const page = await world.page("grace");
  await page.getByRole("button", { name: /Suspend everything/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("tenant:local").waitFor();
  await dialog.getByLabel("Reason").fill("a drill");
  await dialog.getByRole("button", { name: "Suspend everything" }).click();
  await dialog.getByText("Everything is suspended").waitFor();
  expect(await world.write("during.md")).toMatchObject({ status: "stopped", executed: "no" });
  for (const stop of (await world.admin.stops.list({ state: "in_force" })).items) await world.admin.stops.lift(stop.stop, "the drill is over");
  await page.context().close();
});

it("the first load is less than 300 kB", async () => {
  const page = await world.page("ada");
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  let bytes = 0;
  session.on("Network.loadingFinished", (loaded) => (bytes += loaded.encodedDataLength));
  await page.goto(world.server.url);
  await page.getByRole("heading", { level: 1, name: "Now" }).waitFor();
  await page.waitForLoadState("load");
  console.log(`first load: ${bytes} bytes`);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(300_000);
  await page.context().close();
});
