"""Changes a running turn: steers one, interrupts another."""

from codexkit import Codex

with Codex() as codex:
    thread = codex.thread_start()

    turn = thread.turn("Count to twenty, slowly.")
    for event in turn.stream():
        if event.method == "item/agentMessage/delta":
            turn.steer("Stop there and sum up.")
            break
    result = turn.run()
    print("Steered:", result.status.value)
    print("Answer:", result.final_response)

    turn = thread.turn("Count to a hundred, slowly.")
    text = ""
    for event in turn.stream():
        if event.method == "item/agentMessage/delta":
            text += event.payload.delta
            turn.interrupt()
    print("Interrupted:", turn.run().status.value)
    print("Until then:", text.startswith("word 0"))
