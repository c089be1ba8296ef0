// The text of a policy file, line by line; a rule's name in the address leads to its line.

import type { Policies } from "@checkrein/sdk";
import { Link, useLocation } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";

import { Panel } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";

/** The files with the chosen one. */
export function Text({ policies, file }: { policies: Policies; file: string | undefined }): ReactNode {
  const { hash } = useLocation();
  const chosen = policies.files.find((one) => one.file === file) ?? policies.files[0];
  const rule = policies.rules.find((one) => one.id === hash && one.file === chosen?.file);
  useEffect(() => {
    if (rule !== undefined) document.getElementById(`line-${rule.line}`)?.scrollIntoView({ block: "center" });
  }, [rule]);
  if (chosen === undefined) return <p className="quiet">There is no policy file.</p>;
  return (
    <div className="policies">
      <nav className="file-tabs" aria-label="Policy files">
        {policies.files.map((one) => (
          <Link key={one.file} to="/policies" search={{ file: one.file }} aria-current={one.file === chosen.file ? "true" : undefined} className="mono">{one.file}</Link>
        ))}
      </nav>
      <Panel title={<code>{chosen.file}</code>}>
        <pre className="code-lines mono" tabIndex={0} aria-label={`Text of ${chosen.file}`}>
          {chosen.text.split("\n").map((line, at) => (
            <span key={at} id={`line-${at + 1}`} className={line.trimStart().startsWith("//") ? "code-line remark" : rule?.line === at + 1 ? "code-line chosen" : "code-line"}>
              <i aria-hidden="true">{at + 1}</i><Shown text={line} />{"\n"}
            </span>
          ))}
        </pre>
      </Panel>
    </div>
  );
}
