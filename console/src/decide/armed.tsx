// A button that does something for good, in a place that may change under the pointer. `shown` names everything that decides
// where it stands and what it is about: whenever that changes, the button arms anew. A press that began before does not count.

import type { ReactNode } from "react";

import { Button, type Weight } from "../parts/basics.tsx";
import type { IconName } from "../parts/icons.tsx";
import { useArming } from "./use-arming.ts";

interface ArmedProps {
  shown: string;
  disabled?: boolean;
  weight?: Weight;
  icon?: IconName;
  onPress: () => void;
  children: ReactNode;
}

/** The button; `data-armed` says whether it counts. */
export function ArmedButton({ shown, disabled = false, weight = "plain", icon, onPress, children }: ArmedProps): ReactNode {
  const arming = useArming(shown);
  const ready = arming.armed && !disabled;
  const press = (): void => {
    if (arming.decides() && !disabled) onPress();
  };
  return (
    <Button weight={weight} {...(icon === undefined ? {} : { icon })} disabled={disabled} aria-disabled={!ready} data-armed={ready} onPointerDown={arming.down}
      onKeyDown={(event) => (event.repeat ? event.preventDefault() : arming.down())} onClick={press}>
      {children}
    </Button>
  );
}
