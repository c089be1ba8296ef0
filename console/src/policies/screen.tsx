// Policies: what holds now, rule by rule and as text; whether another text would be right; why a call was decided as it was;
// and a suggestion from what went well.

import { usePolicies } from "@checkrein/react";
import type { Policies as InForce } from "@checkrein/sdk";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { PoliciesSearch } from "../others.ts";
import { Badge, Id } from "../parts/basics.tsx";
import { Choices } from "../parts/fields.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Page } from "../parts/page.tsx";
import { Check } from "./check.tsx";
import { Explain } from "./explain.tsx";
import { Rules } from "./rules.tsx";
import { Suggest } from "./suggest.tsx";
import { Text } from "./text.tsx";
import "../lists/common.css";
import "./policies.css";

const PARTS = [
  { value: "rules", label: "Rules" },
  { value: "text", label: "Text" },
  { value: "check", label: "Check" },
  { value: "explain", label: "Explain" },
  { value: "suggest", label: "Suggest" },
] as const;
type PartName = (typeof PARTS)[number]["value"];

const COMMANDS: Readonly<Record<PartName, string>> = {
  rules: "checkrein policy check", text: "checkrein policy check", check: "checkrein policy test", explain: "checkrein policy explain CALL", suggest: "checkrein policy suggest",
};

/** The screen. */
export function Policies(): ReactNode {
  const search: PoliciesSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const policies = usePolicies();
  const part = PARTS.find((one) => one.value === search.part)?.value ?? (search.file === undefined ? search.call === undefined ? "rules" : "explain" : "text");
  const show = (next: PartName): void => void navigate({ to: "/policies", search: { part: next }, replace: true });
  return (
    <Page title="Policies" command={COMMANDS[part]} beside={policies.data === undefined ? undefined : <Version policies={policies.data} />}
      bar={<Choices label="Part" choices={PARTS} value={part} onChange={show} />}>
      {policies.isPending ? <Reading lines={10} /> : policies.data === undefined ? <Failed error={policies.error} again={() => void policies.refetch()} /> : <Shown part={part} policies={policies.data} search={search} />}
    </Page>
  );
}

function Shown({ part, policies, search }: { part: PartName; policies: InForce; search: PoliciesSearch }): ReactNode {
  switch (part) {
    case "rules":
      return <Rules policies={policies} />;
    case "text":
      return <Text policies={policies} file={search.file} />;
    case "check":
      return <Check policies={policies} />;
    case "explain":
      return <Explain call={search.call} />;
    case "suggest":
      return <Suggest />;
  }
}

function Version({ policies }: { policies: InForce }): ReactNode {
  return (
    <>
      <Badge tone={policies.from === "starter" ? "note" : "good"}>{policies.from === "starter" ? "the starter policy" : "your files"}</Badge>
      <span className="quiet">version <Id id={policies.version.slice(0, 16)} whole /></span>
    </>
  );
}
