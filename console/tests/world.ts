// What browser tests stand on: a server with its console, agents that propose, people who log in by a one-time link, and
// Debian's Chromium (`CHECKREIN_CHROMIUM`, else /usr/bin/chromium).

import { Checkrein, type Answer, type Proposal } from "@checkrein/sdk";
import axe from "axe-core";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { expect } from "vitest";

import { TestServer } from "../../sdk/typescript/test/server.ts";

/** A phone, as narrow as they come. */
export const PHONE = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true } as const;
export const DESK = { viewport: { width: 1360, height: 860 } } as const;

/** How long a browser may take for one thing, in milliseconds. */
const PATIENCE_MS = 20_000;

/** Three holds: one person below `prod/`, two below `both/`, one with a passkey below `sure/`. Everything else runs. */
const POLICY = `@id("reads")
permit (principal, action in Action::"class:pure", resource);

@id("changes")
permit (principal, action in Action::"class:changing", resource);

@id("undo-by-operators")
permit (principal, action == Action::"checkrein.undo", resource)
when { context.workflow == "operator" };

@id("ask-production")
@hold("group:operators")
@reason("this changes something under \`prod/\`")
@owner("group:operators")
forbid (principal, action in Action::"class:changing", resource)
when { resource in Resource::"workspace:prod" }
unless { context.approvals.contains("ask-production") };

@id("ask-two")
@hold("group:operators")
@quorum("2")
@reason("two people look at this")
forbid (principal, action in Action::"class:changing", resource)
when { resource in Resource::"workspace:both" }
unless { context.approvals.contains("ask-two") };

@id("ask-surely")
@hold("group:operators")
@assurance("passkey")
@escalate("10m group:leads")
@reason("only who is surely there decides this")
forbid (principal, action in Action::"class:changing", resource)
when { resource in Resource::"workspace:sure" }
unless { context.approvals.contains("ask-surely") };
`;

/** Everything that a test needs. */
export class World {
  readonly server: TestServer;
  readonly agent: Checkrein;
  readonly admin: Checkrein;
  /** Somebody with a key who may decide. */
  readonly approver: Checkrein;
  readonly #browser: Browser;

  private constructor(server: TestServer, approver: Checkrein, browser: Browser) {
    this.server = server;
    this.approver = approver;
    this.#browser = browser;
    this.agent = server.client("agent");
    this.admin = server.client("operator");
  }

  /** Starts all of it; `more` is added to the configuration, `files` stand beside it. */
  static async make(more = "", files: Readonly<Record<string, string>> = {}): Promise<World> {
    const server = await TestServer.start(`${more}\n[[workspace]]\nroot = "workspace"\n`, { "policies/rules.cedar": POLICY, ...files });
    try {
      const executablePath = process.env["CHECKREIN_CHROMIUM"] ?? "/usr/bin/chromium";
      const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
      return new World(server, await server.approver(), browser);
    } catch (error) {
      await server.end();
      throw error;
    }
  }

  async end(): Promise<void> {
    await this.#browser.close();
    await this.server.end();
  }

  /** Makes somebody's account. */
  async person(name: string, roles: readonly string[], groups: readonly string[] = ["operators"]): Promise<void> {
    await this.#post("/v1/people", { name, roles, groups });
  }

  /** A one-time link that logs somebody in. */
  async link(name: string): Promise<string> {
    const made = await this.#post(`/v1/people/${name}/invite`, {});
    if (typeof made !== "object" || made === null || !("url" in made) || typeof made.url !== "string") throw new Error("no link");
    return made.url;
  }

  /** A page of a browser of its own, logged in. What goes wrong in it fails the test. */
  async page(name: string, options: BrowserContextOptions = DESK): Promise<Page> {
    const context = await this.#browser.newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    page.on("pageerror", (error) => {
      throw error;
    });
    await page.goto(await this.link(name));
    await page.getByRole("heading", { level: 1, name: "Now" }).waitFor();
    return page;
  }

  /** A page of a browser in which nobody is logged in yet. */
  async stranger(path: string): Promise<Page> {
    const context = await this.#browser.newContext(DESK);
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.goto(this.server.url + path);
    return page;
  }

  /** Proposes a change; the answer is whatever it is. */
  async write(path: string, content = "on\n", more: Partial<Proposal> = {}): Promise<Answer> {
    return this.agent.calls.propose({ tool: "files.write", arguments: { path, content }, intent: `change ${path}`, confidence: "0.97", ...more });
  }

  /** Proposes a change that people must decide: its approval, and `told` to wait for what its agent is told. */
  async held(path: string, content?: string, more?: Partial<Proposal>): Promise<{ call: string; approval: string; told: () => Promise<Answer> }> {
    const answer = await this.write(path, content, more);
    if (answer.status !== "held" || answer.call == null) throw new Error(`\`${path}\` is ${answer.status}: ${answer.error?.message ?? ""}`);
    const { approvals } = await this.admin.calls.one(answer.call);
    const approval = approvals.find((one) => one.state === "pending")?.approval;
    if (approval === undefined) throw new Error("nobody was asked");
    const { call } = answer;
    return { call, approval, told: () => this.agent.calls.wait(call, { timeoutMs: 60_000 }) };
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.server.key("operator")}`, "content-type": "application/json" };
    const response = await fetch(this.server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}

/** A device that keeps passkeys and whose owner always touches it. */
export async function device(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
}

/** Nothing that WCAG 2.2 AA forbids is on the page. */
export async function accessible(page: Page, name: string): Promise<void> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    // `axe` is what the line before put there.
    const run = (globalThis as unknown as { axe: { run: (root: Document, options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run;
    const { violations } = await run(document, { runOnly: tags });
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
  expect(found, name).toEqual([]);
}

/** Nothing is wider than the screen. */
export async function fits(page: Page, name: string): Promise<void> {
  const [wide, width] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth] as const);
  expect(wide, `${name} is wider than the screen`).toBeLessThanOrEqual(width);
}

/** Where pictures of screens go; git ignores it. */
export async function pictures(): Promise<string> {
  const directory = process.env["CHECKREIN_SCREENS"] ?? fileURLToPath(new URL("../../target/screens", import.meta.url));
  await mkdir(directory, { recursive: true });
  return directory;
}
