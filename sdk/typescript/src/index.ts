// What users of `@checkrein/sdk` get.

export { isHeld, type ProposeOptions } from "./calls.ts";
export { all, Checkrein, newKey } from "./checkrein.ts";
export type { Api, Options, Settings } from "./connection.ts";
export type { EventOptions, OutputEvent, Told } from "./events.ts";
export {
  CheckreinError, Denied, Failed, Held, InDoubt, Problem, Refusal, Stopped, TimedOut, Unreachable,
} from "./failures.ts";
export type { components, operations, paths } from "./generated/api.ts";
export type * from "./types.ts";
