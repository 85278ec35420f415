"""The events of a turn, told apart in the ways that programs do it."""

from openai_codex import Codex
from openai_codex.generated.notification_registry import NOTIFICATION_MODELS, notification_turn_id
from openai_codex.models import Notification, UnknownNotification
from openai_codex.types import (
    ThreadTokenUsageUpdatedNotification,
    TurnCompletedNotification,
    TurnStatus,
)
from setup import config

with Codex(config()) as codex:
    thread = codex.thread_start()
    turn = thread.turn("Work, please.")
    text = ""
    for event in turn.stream():
        payload = event.payload
        assert isinstance(event, Notification)
        assert type(payload) is NOTIFICATION_MODELS[event.method]
        assert notification_turn_id(payload) == turn.id
        match event:
            case Notification(method="item/agentMessage/delta"):
                text += payload.delta
            case Notification(payload=TurnCompletedNotification(turn=done)):
                print(done.status is TurnStatus.completed, done.error, done.id == turn.id)
            case Notification(payload=UnknownNotification()):
                print("unknown", event.method)
            case _ if isinstance(payload, ThreadTokenUsageUpdatedNotification):
                print("usage", payload.token_usage.total.output_tokens)
            case Notification(method="item/commandExecution/outputDelta"):
                pass  # one, several or none
            case _ if event.method in ("item/started", "item/completed"):
                item = payload.item.root
                print(event.method, item.type, getattr(item, "status", None))
            case _:
                print(event.method, sorted(payload.model_dump(by_alias=True, exclude_none=True)))
    print(text)
    turn = thread.turn("Again.")
    stream = turn.stream()
    print(next(stream).method)
    stream.close()
    print(next(iter(stream), "closed"))
