"""Asks on the terminal before the agent leaves its sandbox.

python examples/python/approvals.py "Make a file called hello.txt."
"""

import sys
from typing import Any

from codexkit import Codex, Sandbox


def ask(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """Answers one request of the engine; runs on a thread of its own."""
    if method == "item/commandExecution/requestApproval":
        question = f"run {params['command']}"
    elif method == "item/fileChange/requestApproval":
        question = "change files"
    else:
        return {}  # nothing else is asked for here
    reason = params.get("reason") or "no reason given"
    try:
        yes = input(f"May the agent {question}? ({reason}) [y/N] ").strip().lower() == "y"
    except EOFError:
        yes = False
    return {"decision": "accept" if yes else "decline"}


def main() -> None:
    prompt = " ".join(sys.argv[1:]) or "Make a file called hello.txt."
    with Codex(approval_handler=ask) as codex:
        thread = codex.thread_start(
            cwd=".",
            sandbox=Sandbox.read_only,
            extra={"approval_policy": "on-request", "approvals_reviewer": "user"},
        )
        print(f"\n{thread.run(prompt).final_response}")


if __name__ == "__main__":
    main()
