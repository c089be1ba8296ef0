// The names of what may be collapsed in a request. Those that draw a part and those that ask whether it was opened use the same
// ones. Pure.

/** What long texts are called, or begin with. */
export const PARTS = {
  intent: "intent",
  arguments: "argument",
  answers: "answer",
  stdout: "printed stdout",
  stderr: "printed stderr",
  rule: "rule",
} as const;

/** What was said about a request: evidence of its agent, and questions of people. */
export interface Remark {
  readonly by?: string | null;
  readonly at_ms: number;
  readonly text: string;
}

/** The name of one remark. */
export function remarkName(is: "evidence" | "question", { at_ms: at, text }: Remark): string {
  return `${is} ${at} ${text.slice(0, 40)}`;
}
