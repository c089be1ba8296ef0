// What can be stopped, as a kind and a name, and as the one text that the API knows. Pure. Tests: scope.test.ts.

/** Kinds of scopes, the widest first. */
export type Kind = "everything" | "tenant" | "workflow" | "agent" | "tool" | "server" | "run" | "call";

/** A scope in its parts. */
export interface Scope {
  readonly kind: Kind;
  /** The workflow, agent, tool, server, run or call; nothing for everything and for a tenant. */
  readonly name: string;
}

interface Known {
  readonly kind: Kind;
  readonly word: string;
  /** Whether it crosses tenants, so that only an admin may stop it. */
  readonly ofAll: boolean;
}

export const KINDS: readonly Known[] = [
  { kind: "agent", word: "Agent", ofAll: false },
  { kind: "run", word: "Run", ofAll: false },
  { kind: "workflow", word: "Workflow", ofAll: false },
  { kind: "tool", word: "Tool", ofAll: true },
  { kind: "server", word: "Tool server", ofAll: true },
  { kind: "call", word: "Call", ofAll: false },
  { kind: "tenant", word: "Tenant", ofAll: false },
  { kind: "everything", word: "Everything", ofAll: true },
];

/** Whether a scope of this kind needs a name. */
export function needsName(kind: Kind): boolean {
  return kind !== "everything" && kind !== "tenant";
}

/** The text that the API knows; nothing while the name is missing. */
export function scopeText({ kind, name }: Scope, tenant: string): string | undefined {
  const said = name.trim();
  switch (kind) {
    case "everything":
      return "everything";
    case "tenant":
      return `tenant:${tenant}`;
    case "workflow":
    case "agent":
      return said === "" ? undefined : `${kind}:${tenant}/${said}`;
    case "tool":
    case "server":
      return said === "" ? undefined : `${kind}:${said}`;
    case "run":
    case "call":
      return said.startsWith(`${kind}_`) ? said : undefined;
  }
}

/** A scope from its text; nothing for a text that is none. */
export function readScope(text: string | undefined): Scope | undefined {
  if (text === undefined) return undefined;
  if (text === "everything") return { kind: "everything", name: "" };
  if (text.startsWith("run_")) return { kind: "run", name: text };
  if (text.startsWith("call_")) return { kind: "call", name: text };
  const [, word = "", rest = ""] = /^([a-z]+):(.+)$/.exec(text) ?? [];
  const kind = KINDS.find((one) => one.kind === word)?.kind;
  if (kind === "tenant") return { kind, name: "" };
  if (kind === "workflow" || kind === "agent") return { kind, name: rest.replace(/^[^/]*\//, "") };
  return kind === "tool" || kind === "server" ? { kind, name: rest } : undefined;
}

/** What is stopped, for a person: `agent:local/dunning` is `the agent dunning`. */
export function saidScope(text: string): string {
  const scope = readScope(text);
  if (scope === undefined || scope.kind === "run" || scope.kind === "call") return text;
  if (scope.kind === "everything") return "everything";
  if (scope.kind === "tenant") return `everything of ${text.slice("tenant:".length)}`;
  return `the ${scope.kind === "server" ? "tool server" : scope.kind} ${scope.name}`;
}

/** What a person types to kill: it names the scope and how many acts go back with it. */
export function killPhrase(scope: string, acts: number): string {
  return acts === 0 ? `kill ${scope}` : `kill ${scope} and undo ${acts}`;
}
