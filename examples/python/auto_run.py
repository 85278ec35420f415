"""Lets the agent work until a command succeeds, and keeps a token that goes on after a crash.

python examples/python/auto_run.py "Make the tests pass." "pytest -q"
"""

import sys
from pathlib import Path

from codexkit import Codex, Sandbox, ShellCheck

TOKEN = Path("run.token")


def main() -> None:
    prompt = sys.argv[1] if len(sys.argv) > 1 else "Make a file called done.txt."
    check = ShellCheck(sys.argv[2] if len(sys.argv) > 2 else "test -e done.txt")
    with Codex() as codex:
        if TOKEN.exists():
            run = codex.auto_resume_streamed(TOKEN.read_text(encoding="utf-8"))
        else:
            thread = codex.thread_start(cwd=".", sandbox=Sandbox.full_access)
            run = thread.auto_run_streamed(prompt, until=check, max_turns=5)
        for event in run:
            if event.method == "codexkit/autoRun/continuation":
                TOKEN.write_text(event.params["token"], encoding="utf-8")
            elif event.method == "codexkit/autoRun/turnCompleted":
                print(f"turn {event.params['turn']}: {event.params['finalResponse']}")
            elif event.method == "codexkit/autoRun/checked":
                print("done" if event.params["done"] else "not yet")
        result = run.result()
    TOKEN.unlink(missing_ok=True)
    print(f"{result.stop_reason} after {result.turns} turns")


if __name__ == "__main__":
    main()
