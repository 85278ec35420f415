"""An answer of a type: checked, repaired if need be, and shown while it grows."""

from dataclasses import dataclass
from typing import Annotated, Literal

from codexkit import Codex, InvalidOutputError


@dataclass
class Finding:
    file: str
    problem: Annotated[str, "one sentence"]
    severity: Literal["low", "high"] = "low"


with Codex() as codex:
    thread = codex.thread_start()
    try:
        result = thread.run(
            "What should be fixed first?", output_type=list[Finding], output_repairs=2
        )
    except InvalidOutputError as error:
        raise SystemExit(f"no valid answer: at {error.path}: {error.rule}") from error
    for finding in result.parsed:
        print(f"{finding.file}: {finding.problem} ({finding.severity})")
    print("Repairs:", len(result.attempts))

    turn = thread.turn("What was the first finding?", output_type=Finding)
    for value in turn.partial_outputs():
        print(end=f"\r{value.get('problem', '')}")
    print("\rFile:", turn.run().parsed.file)
