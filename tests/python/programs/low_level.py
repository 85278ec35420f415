"""The low-level client: requests, a text stream, approvals, and a goal."""

import os

from openai_codex.client import CodexClient
from openai_codex.generated.v2_all import (
    ModelListResponse,
    ThreadGoalStatus,
    ThreadStartParams,
    TurnStartParams,
)
from openai_codex.types import ApprovalsReviewer, AskForApproval, SandboxMode
from setup import config

asked = []


def accept(method, params):
    asked.append((method, params["command"]))
    return {"decision": "accept"}


with CodexClient(config=config(), approval_handler=accept) as client:
    info = client.initialize()
    print(bool(info.userAgent), info.platformFamily)
    params = ThreadStartParams(
        cwd=os.getcwd(),
        approval_policy=AskForApproval.model_validate("on-request"),
        approvals_reviewer=ApprovalsReviewer.user,
        sandbox=SandboxMode.read_only,
    )
    thread = client.thread_start(params).thread
    print("".join(delta.delta for delta in client.stream_text(thread.id, "Say hello.")))
    started = client.turn_start(
        thread.id,
        [{"type": "text", "text": "escalate"}],
        params=TurnStartParams(thread_id=thread.id, input=[], model="gpt-test"),
    )
    done = client.wait_for_turn_completed(started.turn.id)
    print(done.turn.status.value, done.turn.id == started.turn.id)
    print(asked, os.path.exists("asked.txt"))
    models = client.request("model/list", {}, response_model=ModelListResponse)
    print(type(models).__name__, models.data[0].supported_reasoning_efforts != [])
    client.request_with_retry_on_overload("model/list", {}, response_model=ModelListResponse)
    goal = client.thread_goal_set(
        thread.id, objective="tidy up", status=ThreadGoalStatus.paused
    ).goal
    print(goal.objective, goal.status.value)
    print(client.thread_goal_clear(thread.id).cleared)
    print(client.thread_read(thread.id).thread.id == thread.id)
