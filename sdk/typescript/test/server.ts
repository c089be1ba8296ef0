// A real server for tests: the `checkrein` binary (`CHECKREIN_BIN`, else target/debug/checkrein) in a directory of its own,
// on a free loopback port. It ends with the test, also where the test is interrupted.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

import { Checkrein } from "../src/index.ts";

/** A server that says nothing for so long does not start. */
const STARTS_WITHIN_MS = 30_000;

export class TestServer {
  readonly directory: string;
  readonly workspace: string;
  url = "";
  #child: ChildProcess | undefined;
  #keys = new Map<string, string>();

  private constructor(directory: string) {
    this.directory = directory;
    this.workspace = join(directory, "workspace");
  }

  /** Starts one with this configuration and these files beside it; the workspace is empty. */
  static async start(configuration = '[[workspace]]\nroot = "workspace"\n', files: Readonly<Record<string, string>> = {}): Promise<TestServer> {
    const server = new TestServer(await mkdtemp(join(tmpdir(), "checkrein-sdk-")));
    await mkdir(server.workspace);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(server.directory, path)), { recursive: true });
      await writeFile(join(server.directory, path), text);
    }
    await writeFile(join(server.directory, "checkrein.toml"), configuration);
    try {
      await server.up();
    } catch (error) {
      await server.end();
      throw error;
    }
    return server;
  }

  /** Starts the process, on the port it had before if it had one. */
  async up(): Promise<void> {
    const listen = this.url === "" ? "127.0.0.1:0" : `127.0.0.1:${new URL(this.url).port}`;
    const child = spawn(binary(), ["up", "--no-input", "--listen", listen], {
      cwd: this.directory,
      env: {
        PATH: process.env["PATH"],
        HOME: this.directory,
        CHECKREIN_DATA_DIR: join(this.directory, "data"),
        CHECKREIN_CONFIG_DIR: join(this.directory, "config"),
        CHECKREIN_MASTER_KEY_FILE: join(this.directory, "config", "master.key"),
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    process.once("exit", () => child.kill("SIGKILL"));
    this.url = await address(child);
    for (const line of (await readFile(join(this.directory, "first-keys"), "utf8")).split("\n")) {
      const [, name, key] = /^(\w+) = "(ck_[^"]+)"/.exec(line) ?? [];
      if (name !== undefined && key !== undefined) this.#keys.set(name, key);
    }
  }

  /** A client with the first key of this holder. */
  client(holder: "agent" | "operator"): Checkrein {
    return new Checkrein({ url: this.url, key: this.key(holder) });
  }

  /** A client of somebody who may decide: not the one on whose behalf the first agent acts. */
  async approver(name = "approver"): Promise<Checkrein> {
    const made = await this.client("operator").keys.make({ holder: "operator", name, roles: ["approver"] });
    return new Checkrein({ url: this.url, key: made.secret });
  }

  key(holder: "agent" | "operator"): string {
    const key = this.#keys.get(holder);
    if (key === undefined) throw new Error(`no key of ${holder} in ${this.directory}/first-keys`);
    return key;
  }

  /** Kills the process as a crash would; `up` starts it again. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }
}

function binary(): string {
  const path = process.env["CHECKREIN_BIN"] ?? join(import.meta.dirname, "../../../target/debug/checkrein");
  if (!existsSync(path)) throw new Error(`no server at ${path}: run \`cargo build -p checkrein\`, or set CHECKREIN_BIN`);
  return path;
}

/** What a server says when it serves is said to people, on its standard error. */
async function address(child: ChildProcess): Promise<string> {
  const { stderr } = child;
  if (stderr === null) throw new Error("no output of the server to read");
  const late = setTimeout(() => child.kill("SIGKILL"), STARTS_WITHIN_MS);
  const said: string[] = [];
  try {
    for await (const line of createInterface({ input: stderr })) {
      const found = / serves at (http:\/\/\S+)/.exec(line)?.[1];
      if (found !== undefined) return found;
      said.push(line);
    }
  } finally {
    clearTimeout(late);
    // Nobody reads on, and the server must not wait for that.
    stderr.resume();
  }
  throw new Error(`the server did not start:\n${said.join("\n")}`);
}
