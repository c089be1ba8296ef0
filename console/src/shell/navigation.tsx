// Where one can go: a column at the left, or on a phone a row at the bottom. Approvals say how many wait.

import { useApprovals } from "@checkrein/react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { IconButton, Kbd } from "../parts/basics.tsx";
import { Icon } from "../parts/icons.tsx";
import { Account } from "./account.tsx";
import { SCREENS, type Screen } from "./screens.ts";

/** How many requests wait, as text; nothing if none does. */
function useWaiting(): string | undefined {
  const { items, hasMore } = useApprovals({ state: "pending" });
  return items.length === 0 ? undefined : `${items.length}${hasMore ? "+" : ""}`;
}

function Place({ screen, waiting }: { screen: Screen; waiting: string | undefined }): ReactNode {
  return (
    <Link to={screen.path} className="place-link" activeProps={{ "aria-current": "page" }} activeOptions={{ exact: screen.path === "/" }}>
      <Icon name={screen.icon} />
      <span>{screen.name}</span>
      {screen.path === "/approvals" && waiting !== undefined
        ? <b className="waiting"><span className="out-of-sight">, waiting: </span>{waiting}</b>
        : <Kbd keys={`g ${screen.key}`} />}
    </Link>
  );
}

/** The column at the left. */
export function Navigation({ onHelp }: { onHelp: () => void }): ReactNode {
  const waiting = useWaiting();
  return (
    <nav className="side" aria-label="Screens">
      <div className="brand">
        <img src="/mark.svg" alt="" width="22" height="22" />
        <span>Checkrein</span>
      </div>
      <ul>
        {SCREENS.map((screen) => <li key={screen.path}><Place screen={screen} waiting={waiting} /></li>)}
      </ul>
      <div className="side-end">
        <Account />
        <IconButton name="Keys and help" icon="help" onClick={onHelp} />
      </div>
    </nav>
  );
}

/** The row at the bottom of a phone: what is needed at night, and the rest behind one button. */
export function Tabs({ onHelp }: { onHelp: () => void }): ReactNode {
  const [more, setMore] = useState(false);
  const waiting = useWaiting();
  const first = SCREENS.filter((screen) => ["/", "/approvals", "/runs", "/journal"].includes(screen.path));
  const rest = SCREENS.filter((screen) => !first.includes(screen));
  return (
    <nav className="tabs" aria-label="Screens">
      {more ? (
        <div className="tabs-more" onClick={() => setMore(false)}>
          {rest.map((screen) => <Place key={screen.path} screen={screen} waiting={undefined} />)}
          <div className="side-end">
            <Account />
            <IconButton name="Keys and help" icon="help" onClick={onHelp} />
          </div>
        </div>
      ) : null}
      <div className="tabs-row">
        {first.map((screen) => <Place key={screen.path} screen={screen} waiting={waiting} />)}
        <button type="button" className="place-link" aria-expanded={more} onClick={() => setMore(!more)}>
          <Icon name="dots" />
          <span>More</span>
        </button>
      </div>
    </nav>
  );
}
