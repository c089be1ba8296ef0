// Who is looking: the session behind the cookie, and the ways to get one. These routes come before any client of the API;
// everything else goes through `@checkrein/sdk`. What comes back is read strictly.

import { Problem } from "@checkrein/sdk";

/** A session of a person. */
export interface Session {
  readonly person: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly rights: readonly string[];
  /** The groups of approvers that this person stands in; nothing for every group. */
  readonly groups: readonly string[] | undefined;
  /** `session` or `passkey`: how sure Checkrein is that it is this person right now. */
  readonly assurance: string;
  /** Proof that a request comes from this page. */
  readonly csrf: string;
  /** In milliseconds since 1970. */
  readonly expires_ms: number;
}

/** An issuer whose accounts may log in. */
export interface Issuer {
  readonly name: string;
  readonly title: string;
}

let csrf: string | undefined;

/** The token of the present session. */
export function csrfToken(): string | undefined {
  return csrf;
}

/** The present session; nothing without one. @throws {Problem} for anything else than that. */
export async function present(signal?: AbortSignal): Promise<Session | null> {
  const response = await fetch("/v1/session", { credentials: "same-origin", ...(signal ? { signal } : {}) });
  if (response.status === 401) {
    csrf = undefined;
    return null;
  }
  const session = readSession(await body(response));
  csrf = session.csrf;
  return session;
}

/** Ends the present session. */
export async function end(): Promise<void> {
  await send("DELETE", "/v1/session");
  csrf = undefined;
}

/** Logs in by a link that `checkrein console` made. */
export async function byTicket(ticket: string): Promise<void> {
  await send("POST", "/v1/session/link", { ticket });
}

/** Logs in by a recovery code. */
export async function byRecoveryCode(name: string, code: string): Promise<void> {
  await send("POST", "/v1/session/recovery", { name, code });
}

/** Issuers that may log in. */
export async function issuers(): Promise<readonly Issuer[]> {
  const found = await body(await fetch("/v1/session/issuers", { credentials: "same-origin" }));
  const items = Array.isArray(found) ? found : [];
  return items.filter((item: unknown): item is Issuer => isRecord(item) && typeof item["name"] === "string" && typeof item["title"] === "string");
}

/** Sends a request of a session and gives what came back. @throws {Problem} */
export async function send(method: "POST" | "DELETE", path: string, content?: unknown): Promise<unknown> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (csrf !== undefined) headers["x-checkrein-csrf"] = csrf;
  const init = content === undefined ? {} : { body: JSON.stringify(content) };
  return body(await fetch(path, { method, headers, credentials: "same-origin", ...init }));
}

async function body(response: Response): Promise<unknown> {
  const text = await response.text();
  const found: unknown = text === "" ? undefined : parsed(text);
  if (response.ok) return found;
  if (isRecord(found) && typeof found["code"] === "string") throw new Problem(found as never);
  throw new Problem({
    type: "", title: "no answer of Checkrein", status: response.status, detail: `status ${response.status} of ${response.url}`,
    code: "CR-1011", fix: "see whether this address is Checkrein's",
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function readSession(found: unknown): Session {
  if (!isRecord(found)) throw new TypeError("a session that is no object");
  const text = (name: string): string => {
    const value = found[name];
    if (typeof value !== "string") throw new TypeError(`a session without \`${name}\``);
    return value;
  };
  const texts = (name: string): readonly string[] => {
    const value: unknown = found[name];
    return Array.isArray(value) ? value.filter((item: unknown): item is string => typeof item === "string") : [];
  };
  const expires = found["expires_ms"];
  return {
    person: text("person"), tenant: text("tenant"), roles: texts("roles"), rights: texts("rights"),
    groups: texts("groups").includes("*") ? undefined : texts("groups"), assurance: text("assurance"),
    csrf: text("csrf"), expires_ms: typeof expires === "number" ? expires : 0,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
