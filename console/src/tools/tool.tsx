// One tool: its contract, who says what it does, and what its server changed.

import { useTool } from "@checkrein/react";
import type { ToolDetails } from "@checkrein/sdk";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Badge, ClassBadge, Fact, Id, StateBadge } from "../parts/basics.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Page, Panel } from "../parts/page.tsx";
import { Sentence, Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { consequence } from "../parts/words.ts";
import { ClassifyButton } from "./classify.tsx";
import { Drift } from "./drift.tsx";
import { Findings } from "./findings.tsx";
import "../lists/common.css";
import "./tools.css";

/** The screen. */
export function ToolScreen(): ReactNode {
  const { tool: name = "" } = useParams({ strict: false });
  const tool = useTool(name);
  if (tool.isPending) return <Page title={name}><Reading /></Page>;
  if (tool.data === undefined) return <Page title={name}><Failed error={tool.error} again={() => void tool.refetch()} /></Page>;
  return <Known details={tool.data} />;
}

function Known({ details }: { details: ToolDetails }): ReactNode {
  const { tool, upstream } = details;
  return (
    <Page title={tool.tool} command={`checkrein tools show ${tool.tool}`}
      beside={<>{tool.standing == null ? <Badge>Checkrein's own</Badge> : <StateBadge state={tool.standing} />}<ClassBadge effectClass={tool.effect_class} /></>}
      actions={tool.server == null ? undefined : <ClassifyButton details={details} />}>
      <div className="tool">
        {upstream?.held_back == null ? null : (
          <div className="tool-warning" role="note"><b><Shown text={upstream.held_back.message} /></b><p>To do: <Shown text={upstream.held_back.fix} /></p></div>
        )}
        {tool.standing === "drifted" ? <Drift tool={tool.tool} /> : null}
        <div className="tool-two">
          <Panel title="What it does">
            <div className="panel-body">
              <p><Sentence text={tool.what} /></p>
              <dl>
                <Fact name="When to use"><Sentence text={details.when_to_use} /></Fact>
                <Fact name="Side effects"><Sentence text={details.side_effects} /></Fact>
                <Fact name="Effect"><ClassBadge effectClass={tool.effect_class} /> <span className="quiet">{tool.provenance}</span></Fact>
                <Fact name="Hits">{tool.consequences.length === 0 ? <span className="quiet">nobody</span> : tool.consequences.map((one) => <Badge key={one} tone="wait">{consequence(one)}</Badge>)}</Fact>
                <Fact name="Contract">version {tool.version}, <Id id={tool.digest} /></Fact>
                {tool.server == null ? null : <Fact name="Server"><Link to="/settings" hash="servers">{tool.server}</Link>, which knows it as <code><Shown text={tool.wire ?? ""} /></code></Fact>}
              </dl>
            </div>
          </Panel>
          {upstream == null ? null : (
            <Panel title="Why it has its class">
              <div className="panel-body">
                <ul className="lines">{upstream.class_reasons.map((reason) => <li key={reason}><Shown text={reason} /></li>)}</ul>
                {upstream.classified == null ? null : (
                  <p>{upstream.classified.by} said <ClassBadge effectClass={upstream.classified.effect_class} /> <Ago ms={upstream.classified.at_ms} /> ago: <Shown text={upstream.classified.reason} /></p>
                )}
                <dl>
                  <Fact name="Accepted"><Id id={upstream.definition} /></Fact>
                  <Fact name="By">{upstream.by ?? "nobody: it was the first that was seen"}, <Ago ms={upstream.at_ms} /> ago</Fact>
                  {upstream.reason == null ? null : <Fact name="Refused"><Shown text={upstream.reason} /></Fact>}
                  {upstream.sensitive.length === 0 ? null : <Fact name="Sensitive"><Shown text={upstream.sensitive.join(", ")} /></Fact>}
                </dl>
              </div>
            </Panel>
          )}
        </div>
        <Findings findings={tool.findings ?? []} />
        <div className="tool-two">
          <Panel title="Arguments"><pre className="raw mono schema" tabIndex={0}><Shown text={JSON.stringify(details.input, null, 2)} /></pre></Panel>
          <Panel title="Output"><pre className="raw mono schema" tabIndex={0}><Shown text={JSON.stringify(details.output, null, 2)} /></pre></Panel>
        </div>
        <Panel title="The whole contract"><pre className="raw mono schema" tabIndex={0}><Shown text={details.text} /></pre></Panel>
      </div>
    </Page>
  );
}
