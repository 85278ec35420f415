"""What can go wrong, and what to do about it."""

from codexkit import (
    Codex,
    InvalidArgumentError,
    JsonRpcError,
    ServerBusyError,
    TurnFailedError,
    retry_on_overload,
)

with Codex() as codex:
    thread = codex.thread_start()

    # A mistake of the program: refused before anything is sent.
    try:
        thread.run("")
    except InvalidArgumentError as error:
        print("Refused:", error.argument)

    # A refusal of the engine.
    try:
        codex.thread_resume("no-such-thread")
    except JsonRpcError as error:
        print("Engine:", error.code)

    # A turn that fails keeps what it came to.
    try:
        thread.run("Please fail.")
    except TurnFailedError as error:
        print("Failed:", error, "after", len(error.result.items), "items")

    # A busy engine: tried again with growing pauses, then the error.
    try:
        result = retry_on_overload(
            lambda: thread.run("Give me advice on retries."),
            max_attempts=3,
            initial_delay_s=0.25,
            max_delay_s=2.0,
        )
        print("Answer:", result.final_response)
    except ServerBusyError as error:
        print("Still busy:", error.message)
