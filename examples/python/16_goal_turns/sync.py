"""Gives a thread a goal; the engine starts turns by itself until it is reached."""

from codexkit import Codex, CodexConfig

# Goals are a feature that has to be switched on.
with Codex(CodexConfig(config={"features": {"goals": True}})) as codex:
    thread = codex.thread_start()
    goal = "Improve the test coverage of this project."
    for event in thread.pursue(goal, token_budget=200_000):
        if event.method == "turn/started":
            print("A turn begins.")
        elif event.method == "item/completed" and event.payload.item.type == "agentMessage":
            print("Codex:", event.payload.item.text)
        elif event.method == "thread/goal/updated":
            print("Goal:", event.payload.goal.status.value)
