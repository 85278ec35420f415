"""The same program as async.py, line by line: both clients have the same names."""

from codexkit import Codex


def main() -> None:
    with Codex() as codex:
        thread = codex.thread_start()
        turn = thread.turn("Say hello in one sentence.")
        methods = [event.method for event in turn.stream()]
        result = turn.run()
        print("First and last event:", methods[0], methods[-1])
        print("Answer:", result.final_response)


main()
