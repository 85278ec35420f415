"""What the runners of codexkit's two Python clients share: options, inputs, and everything as JSON.

Events, answers and results are shown through their public attributes (`model_dump` reads every one of
them) and checked against the raw line, so that a typed view that loses or alters something shows.
"""

from __future__ import annotations

import json
from typing import Any

from steps import Json

import codexkit

_ENUMS: dict[str, Any] = {"approval_mode": codexkit.ApprovalMode, "sandbox": codexkit.Sandbox}
_INPUTS: dict[str, Any] = {
    "text": codexkit.TextInput,
    "image": codexkit.ImageInput,
    "localImage": codexkit.LocalImageInput,
    "skill": codexkit.SkillInput,
    "mention": codexkit.MentionInput,
    "external": codexkit.ExternalMessage,
}


def config(job: Json) -> codexkit.CodexConfig:
    """The client's configuration for a job: native values, where the official one takes strings."""
    if "remote" in job:
        start: Json = {"remote": codexkit.RemoteEngine(job["remote"]["url"])}
    else:
        start = {name: job[name] for name in ("codex_bin", "config", "cwd", "env")}
    return codexkit.CodexConfig(
        **start,
        client_name=job["client_name"],
        client_title=job["client_title"],
        client_version=job["client_version"],
    )


def options(values: Json) -> Json:
    """A scenario's options as keyword arguments."""
    return {name: _ENUMS.get(name, lambda same: same)(value) for name, value in values.items()}


def inputs(value: Any) -> Any:
    """A scenario's input as input objects."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return [inputs(item) for item in value]
    fields = {name: inner for name, inner in value.items() if name != "type"}
    return _INPUTS[value["type"]](**fields)


def dump(value: Any) -> Any:
    """A typed value as JSON, by way of its attributes."""
    if not hasattr(value, "model_dump"):
        return value
    shown = value.model_dump(by_alias=True, mode="json", exclude_unset=True)
    if shown != value.to_dict():
        raise AssertionError(f"a typed view is not its JSON: {shown} is not {value.to_dict()}")
    return shown


def event(value: codexkit.Event) -> Json:
    """An event as `{method, params}`."""
    shown = {"method": value.method, "params": dump(value.payload)}
    line = json.loads(value.raw)
    if shown != {"method": line["method"], "params": line["params"]}:
        raise AssertionError(f"an event's view is not its line: {shown} is not {line}")
    return shown


def result(value: codexkit.TurnResult) -> Json:
    """A result by its attributes."""
    return {
        "id": value.id,
        "status": getattr(value.status, "value", value.status),
        "error": dump(value.error),
        "startedAt": value.started_at,
        "completedAt": value.completed_at,
        "durationMs": value.duration_ms,
        "finalResponse": value.final_response,
        "items": [dump(item) for item in value.items],
        "usage": dump(value.usage),
    }


def error(value: Exception) -> Json | None:
    """An error of the package as `{kind, ...}`."""
    if isinstance(value, codexkit.JsonRpcError):
        return {"kind": "rpc", "code": value.code, "message": value.message}
    if isinstance(value, codexkit.TransportClosedError):
        return {"kind": "closed"}
    if isinstance(value, codexkit.InvalidOutputError):
        return {
            "kind": value.kind,
            "message": value.message,
            "path": value.path,
            "rule": value.rule,
            "schemaPath": value.schema_path,
            "rawText": value.raw_text,
            "attempts": value.attempts,
        }
    if isinstance(value, codexkit.GuardrailError):
        return {
            "kind": value.kind,
            "message": value.message,
            "guardrail": value.guardrail,
            "stage": value.stage,
            "reason": value.reason,
            "said": None if value.result is None else value.result.final_response,
        }
    if isinstance(value, codexkit.CodexError):
        return {"kind": value.kind, "message": value.message}
    return None
