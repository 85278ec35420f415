"""Payloads made, changed, dumped and compared by hand; no engine is needed."""

import copy
import json
import pickle

from openai_codex.generated.v2_all import (
    AgentMessageThreadItem,
    ApiKeyLoginAccountParams,
    ItemCompletedNotification,
    LoginAccountParams,
    MessagePhase,
    ThreadStartParams,
    WorkspaceWriteSandboxPolicy,
)
from openai_codex.models import Notification, UnknownNotification
from openai_codex.types import (
    Personality,
    SandboxPolicy,
    ThreadItem,
    ThreadSource,
    Turn,
    TurnStatus,
)

item = AgentMessageThreadItem(
    id="i", text="hi", type="agentMessage", phase=MessagePhase.final_answer
)
print(item.model_dump(by_alias=True, exclude_none=True, mode="json"))
print(item.model_dump(exclude_none=True)["phase"] is MessagePhase.final_answer)
print(ThreadItem.model_validate(item.model_dump(by_alias=True, mode="json")).root == item)
print(ThreadItem(root=item).root.text)
print(json.loads(item.model_dump_json(by_alias=True, exclude_none=True, indent=2))["phase"])
print(
    item == item.model_copy(),
    item.model_copy(update={"text": "ho"}).text,
    copy.deepcopy(item) == item,
)
print(pickle.loads(pickle.dumps(item)) == item, repr(item).startswith("AgentMessageThreadItem("))
item.text = "changed"
print(item.text, item.model_dump()["text"])
params = ThreadStartParams(model="m", personality=Personality.friendly, cwd="/tmp")
print(
    params.model_dump(by_alias=True, exclude_none=True, mode="json"),
    sorted(params.model_fields_set),
)
print(ThreadStartParams.model_validate({"baseInstructions": "b"}).base_instructions)
print(ThreadStartParams.model_validate({"base_instructions": "b"}).base_instructions)
login = LoginAccountParams(root=ApiKeyLoginAccountParams(api_key="k", type="apiKey"))
print(login.model_dump(by_alias=True, mode="json"), type(login.root).__name__)
policy = SandboxPolicy.model_validate({"type": "workspaceWrite", "networkAccess": True})
print(isinstance(policy.root, WorkspaceWriteSandboxPolicy), policy.root.network_access)
print(policy.root.model_dump(by_alias=True, exclude_unset=True, mode="json"))
turn = Turn.model_validate(
    {"id": "t", "items": [{"type": "agentMessage", "id": "i", "text": "x"}], "status": "failed"}
)
print(turn.status is TurnStatus.failed, turn.status.name, [entry.root.text for entry in turn.items])
print(turn.error, turn.completed_at, "items" in type(turn).model_fields)
print(TurnStatus("inProgress").name, [member.value for member in TurnStatus])
print(ThreadSource("brand new").value, isinstance(ThreadSource.user, str))
event = Notification(method="made/up", payload=UnknownNotification(params={"a": 1}))
print(
    event.method,
    event.payload.params,
    event == Notification("made/up", UnknownNotification({"a": 1})),
)
done = ItemCompletedNotification(
    completed_at_ms=1, item=ThreadItem(root=item), thread_id="x", turn_id="y"
)
print(done.item.root.text, done.model_dump(by_alias=True, exclude={"item"}))
match done:
    case ItemCompletedNotification(turn_id=turn_id):
        print("matched", turn_id)
