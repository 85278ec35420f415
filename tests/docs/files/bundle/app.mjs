import { Codex } from "codexkit";

const codex = new Codex();
const { finalResponse } = await codex.startThread({ skipGitRepoCheck: true }).run("Hi.");
console.log(finalResponse);
await codex.close();
