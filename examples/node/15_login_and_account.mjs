// A login through the browser, and what account is in use.
//
// A real program opens `authUrl` and waits. This one changes its mind, so that nobody has to log in.

import { Codex } from "codexkit";

const codex = new Codex();
const login = await codex.loginChatgpt();
console.log("Open:", login.authUrl);
console.log("Cancelled:", (await login.cancel()).status);
console.log("Logged in:", (await login.wait()).success);

const account = await codex.account();
console.log("Needs a login:", account.requiresOpenaiAuth);
console.log("Account:", account.account);
await codex.close();
