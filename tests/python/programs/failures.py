"""What goes wrong, and how programs tell."""

from openai_codex import (
    Codex,
    CodexConfig,
    CodexError,
    InvalidRequestError,
    JsonRpcError,
    ServerBusyError,
    TransportClosedError,
    is_retryable_error,
    retry_on_overload,
)
from setup import config

with Codex(config()) as codex:
    thread = codex.thread_start()
    try:
        thread.run("fail")
    except RuntimeError as error:
        print(
            "failed",
            type(error) is RuntimeError or isinstance(error, CodexError),
            str(error).partition("; ")[0],
        )
    for call in (lambda: codex.thread_resume("nonsense"), lambda: codex.thread_archive("nonsense")):
        try:
            call()
        except InvalidRequestError as error:
            told = str(error).partition(" (thread/")[
                0
            ]  # codexkit goes on with the method and what to do
            print(error.code, error.message, error.data, told, isinstance(error, JsonRpcError))
    for arguments in (
        {"sandbox": "read-only"},
        {"approval_mode": "never"},
        {"personality": "grumpy"},
    ):
        try:
            codex.thread_start(**arguments)
        except ValueError as error:
            print("ValueError", *arguments, isinstance(error, ValueError))
    for bad in (object(), 3):
        try:
            thread.run([bad])
        except TypeError:
            print("TypeError")
    try:
        thread.run("x", no_such_option=1)
    except TypeError:
        print("TypeError")
    attempts = []

    def busy():
        attempts.append(1)
        if len(attempts) < 3:
            raise ServerBusyError(-32000, "busy", {"codexErrorInfo": "server_overloaded"})
        return "at last"

    print(retry_on_overload(busy, initial_delay_s=0.001), len(attempts))
    print(is_retryable_error(ServerBusyError(-32000, "m")), is_retryable_error(ValueError()))
    print(thread.run("Say hello.").final_response)
try:
    codex.models()
except TransportClosedError:
    print("closed")
try:
    Codex(CodexConfig(codex_bin="/no/such/codex"))
except FileNotFoundError as error:
    print("not found", "/no/such/codex" in str(error))
