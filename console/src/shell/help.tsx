// Every key that does something here.

import type { ReactNode } from "react";

import { Kbd } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { useTaken } from "./keys.ts";

/** The help. */
export function Help({ onClose }: { onClose: () => void }): ReactNode {
  const layers = useTaken();
  return (
    <Dialog title="Keys" onClose={onClose}>
      {layers.toReversed().map((layer) => (
        <section key={layer.name} className="help-part">
          <h3>{layer.name}</h3>
          <dl>
            {layer.keys.filter((key) => key.does !== undefined).map((key) => (
              <div key={key.keys}>
                <dt>{key.keys.split(" ").map((one) => <Kbd key={one} keys={one} />)}<span className="out-of-sight">{key.keys}</span></dt>
                <dd>{key.does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <p className="quiet">Everything here can be done on the command line too: <code>checkrein --help</code>.</p>
    </Dialog>
  );
}
