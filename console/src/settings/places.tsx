// What has no screen of its own yet, and the command that does it today.

import type { ReactNode } from "react";

import { Command } from "../parts/command.tsx";
import { Panel } from "../parts/page.tsx";

const PLACES: readonly (readonly [title: string, text: string, commands: readonly string[]])[] = [
  ["Stops", "Stops in force stand above every screen, and Now orders them. Everything else about stops:", ["checkrein stop status", "checkrein stop pause workflow:TENANT/NAME --reason '…'"]],
  ["Undo", "Single acts are taken back on their run's screen. Several at once, the last one first:", ["checkrein undo status", "checkrein undo apply --run RUN --last 3"]],
  ["Dead letters", "Calls whose outcome nobody knows are in doubt; a person looks and says what became of them:", ["checkrein calls ls --state in_doubt", "checkrein calls resolve CALL --executed no --reason '…'"]],
];

/** The places. */
export function Places(): ReactNode {
  return (
    <div className="places" id="places">
      {PLACES.map(([title, text, commands]) => (
        <Panel key={title} title={title}>
          <div className="panel-body places-lines">
            <p>{text}</p>
            {commands.map((command) => <Command key={command} command={command} />)}
          </div>
        </Panel>
      ))}
    </div>
  );
}
