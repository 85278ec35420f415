"""Parity runner for the official Python SDK (`openai-codex` 0.163.0), synchronous client.

Its transcripts are the golden ones. The public API is used wherever it reaches; the low-level client
behind it answers server requests and sends what the public signatures lack.
"""

from __future__ import annotations

from typing import Any

from openai_codex import ApprovalMode, Codex, CodexConfig, Sandbox, errors
from openai_codex import api as official
from openai_codex._run import _collect_turn_result
from openai_codex.models import UnknownNotification
from openai_codex.types import Personality, ReasoningEffort, ReasoningSummary
from pydantic import BaseModel, ConfigDict
from steps import Answers, Json, serve
from sync_steps import Run

_ENUMS: dict[str, Any] = {
    "approval_mode": ApprovalMode,
    "sandbox": Sandbox,
    "personality": Personality,
    "effort": ReasoningEffort,
    "summary": ReasoningSummary,
}
_INPUTS: dict[str, Any] = {
    "text": official.TextInput,
    "image": official.ImageInput,
    "localImage": official.LocalImageInput,
    "skill": official.SkillInput,
    "mention": official.MentionInput,
}


class _Anything(BaseModel):
    """An answer whose fields are kept as they are."""

    model_config = ConfigDict(extra="allow")


def _dump(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(by_alias=True, mode="json", exclude_unset=True)
    return value


class Official:
    """The official package behind the shared steps."""

    def open(self, job: Json, answers: Answers) -> Codex:
        codex = Codex(
            CodexConfig(
                codex_bin=job["codex_bin"],
                config_overrides=tuple(job["config_overrides"]),
                cwd=job["cwd"],
                env=job["env"],
                client_name=job["client_name"],
                client_title=job["client_title"],
                client_version=job["client_version"],
            )
        )
        if not job["scenario"].get("no_handler"):
            codex._client._approval_handler = answers
        return codex

    def options(self, options: Json) -> Json:
        return {name: _ENUMS.get(name, lambda same: same)(value) for name, value in options.items()}

    def inputs(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return [self.inputs(item) for item in value]
        fields = {name: inner for name, inner in value.items() if name != "type"}
        if value["type"] == "external":
            return official.ExternalMessage(**fields)
        return _INPUTS[value["type"]](**fields)

    def start_wire(self, codex: Codex, params: Json) -> official.Thread:
        return official.Thread(codex._client, codex._client.thread_start(params).thread.id)

    def turn_wire(
        self, codex: Codex, thread: official.Thread, value: Any, params: Json
    ) -> official.TurnHandle:
        items = official._to_wire_turn_input(value)[0]
        turn, subscription = codex._client._start_turn(thread.id, items, params, for_handle=True)
        return official.TurnHandle(
            codex._client, thread.id, turn.turn.id, _subscription=subscription
        )

    def request(self, codex: Codex, method: str, params: Json) -> Any:
        return codex._client.request(method, params, response_model=_Anything)

    def next_notification(self, codex: Codex) -> Json:
        return self.event(codex._client.next_notification())

    def event(self, event: Any) -> Json:
        payload = event.payload
        if isinstance(payload, UnknownNotification):
            return {"method": event.method, "params": payload.params}
        return {"method": event.method, "params": _dump(payload)}

    def answer(self, value: Any) -> Any:
        return _dump(value)

    def fold(self, turn: Any, events: list[Any]) -> Json:
        try:
            return self.result(_collect_turn_result(iter(events), turn_id=turn.id))
        except RuntimeError as error:
            return {"failed": str(error)}

    def result(self, result: Any) -> Json:
        return {
            "id": result.id,
            "status": result.status.value,
            "error": _dump(result.error),
            "startedAt": result.started_at,
            "completedAt": result.completed_at,
            "durationMs": result.duration_ms,
            "finalResponse": result.final_response,
            "items": [_dump(item) for item in result.items],
            "usage": _dump(result.usage),
        }

    def error(self, error: Exception) -> Json | None:
        if isinstance(error, errors.JsonRpcError):
            return {"kind": "rpc", "code": error.code, "message": error.message}
        if isinstance(error, errors.TransportClosedError):
            return {"kind": "closed"}
        if type(error) is RuntimeError:
            return {"kind": "turn_failed", "message": str(error)}
        return None


if __name__ == "__main__":
    serve(lambda job: Run(Official(), job).run())
