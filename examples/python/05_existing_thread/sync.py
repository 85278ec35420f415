"""Goes on with a conversation of before: only its id has to be kept."""

from codexkit import Codex

with Codex() as codex:
    thread = codex.thread_start()
    thread.run("Tell me a fact about Saturn.")
    saved = thread.id
    print("Saved:", saved)

# Another program, another day: the engine has the thread on disk.
with Codex() as codex:
    thread = codex.thread_resume(saved)
    result = thread.run("And one more.")
    print("Resumed:", thread.id == saved)
    print("Answer:", result.final_response)
