// Lets something go on that was stopped, with a reason.

import { useAct } from "@checkrein/react";
import type { Stop } from "@checkrein/sdk";
import type { ReactNode } from "react";

import { ReasonDialog } from "../lists/reason.tsx";
import { toast } from "./toasts.tsx";

/** The dialog. */
export function Lift({ stop, onClose }: { stop: Stop; onClose: () => void }): ReactNode {
  const lift = useAct((client, said: string) => client.stops.lift(stop.stop, said));
  return (
    <ReasonDialog title={`Let ${stop.scope} go on`} act="Resume" work={lift} onClose={onClose} onDone={() => toast(`${stop.scope} goes on`)}>
      <p>{stop.level === "kill" ? "What was ended stays ended: new runs may begin, and new calls are judged as before." : "Held calls can run again once they are approved; new calls are judged as before."}</p>
    </ReasonDialog>
  );
}
