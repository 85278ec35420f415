// Goes on with a conversation of before: only its id has to be kept.

import { Codex } from "codexkit";

let codex = new Codex();
let thread = codex.startThread();
await thread.run("Tell me a fact about Saturn.");
const saved = thread.id;
console.log("Saved:", saved);
await codex.close();

// Another program, another day: the engine has the thread on disk.
codex = new Codex();
thread = codex.resumeThread(saved);
const result = await thread.run("And one more.");
console.log("Resumed:", thread.id === saved);
console.log("Answer:", result.finalResponse);
await codex.close();
