"""Chooses a model and how hard it thinks, from what the engine offers."""

from codexkit import ApprovalMode, Codex, Sandbox
from codexkit.types import Model

RANK = ["none", "minimal", "low", "medium", "high", "xhigh"]


def best_effort(model: Model) -> str:
    """The highest effort that the model supports and that is in RANK."""
    efforts = [option.reasoning_effort.value for option in model.supported_reasoning_efforts]
    known = [effort for effort in RANK if effort in efforts]
    return known[-1] if known else "medium"


with Codex() as codex:
    models = codex.models().data
    model = next((model for model in models if model.is_default), models[0])
    effort = best_effort(model)
    print("Model:", model.model)
    print("Effort:", effort)

    thread = codex.thread_start(model=model.model, config={"model_reasoning_effort": effort})
    first = thread.run("Say a sentence about releases.")
    print("First:", first.final_response)

    second = thread.run(
        "Say it again, shorter.",
        approval_mode=ApprovalMode.deny_all,
        effort="low",
        model=model.model,
        sandbox=Sandbox.read_only,
        summary="concise",
    )
    print("Second:", second.final_response)
    if second.usage:
        print("Tokens:", second.usage.total.total_tokens)
