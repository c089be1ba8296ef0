// What users of `@checkrein/react` get.

export * from "./hooks.ts";
export { key, ROOT, touched, type Subject } from "./keys.ts";
export type { Line } from "./live.ts";
export { CheckreinProvider, useCheckrein, useEvents, useLine, type ProviderProps } from "./provider.tsx";
export { useAct, useOne, usePages, type Listing, type OneOptions, type QueryOptions } from "./query.ts";
