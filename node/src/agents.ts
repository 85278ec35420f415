/** Sub-agents that the engine spawned. */

/** A sub-agent that the engine spawned: a thread of its own. */
export interface Agent {
  /** Its thread. */
  threadId: string;
  /** The thread whose agent spawned it. */
  parentThreadId: string;
  /** The thread at the top, which nobody spawned. */
  rootThreadId: string;
  /** How many links it is below that. */
  depth: number;
  /** What the engine calls it. */
  nickname: string | null;
  /** Its role, if it was given one. */
  role: string | null;
  /** Where it is in the engine's tree of agents, in engines that have one. */
  path: string | null;
  /** What it was told. */
  prompt: string | null;
  /** The engine's word for how it does. */
  status:
    | "pendingInit"
    | "running"
    | "interrupted"
    | "completed"
    | "errored"
    | "shutdown"
    | "notFound"
    | (string & {});
}
