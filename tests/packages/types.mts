// Compiles against the installed package in a strict project that checks its declarations, too.
import { Codex, type ThreadEvent } from "codexkit";
import { ScriptedModel } from "codexkit/testing";

export async function use(): Promise<string> {
  const model = await ScriptedModel.start({ replies: ["Hello."] });
  const codex = new Codex(model.options());
  const { events } = await codex.startThread({ sandboxMode: "read-only" }).runStreamed("Hi.");
  const seen: ThreadEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen.map((event) => event.type).join();
}
