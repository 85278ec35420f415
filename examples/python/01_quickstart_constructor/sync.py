"""The first turn: start an engine, ask it something, print the answer."""

from codexkit import Codex, Sandbox

with Codex() as codex:
    print("Engine:", codex.metadata.engine_version)

    thread = codex.thread_start(sandbox=Sandbox.read_only)
    result = thread.run("Say hello in one sentence.")
    print("Status:", result.status.value)
    print("Answer:", result.final_response)
