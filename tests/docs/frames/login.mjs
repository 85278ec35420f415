// A block that waits for a person to log in: somebody who gives up as soon as the login is offered.
import { setTimeout as pause } from "node:timers/promises";

async function giveUp() {
  for (let n = 0; n < 600; n += 1) {
    try {
      await fetch("http://127.0.0.1:1455/cancel");
      return;
    } catch {
      await pause(100);
    }
  }
}

giveUp();
// the block
