"""Presets for approvals and the sandbox, and what they are on the wire."""

from __future__ import annotations

from enum import Enum

from .errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ApprovalMode(str, Enum):
    """What happens when the agent asks for more than its sandbox allows."""

    deny_all = "deny_all"
    """Nothing is ever asked: what the sandbox forbids fails."""

    auto_review = "auto_review"
    """The engine's reviewer model decides."""


class Sandbox(str, Enum):
    """What the agent's commands may touch."""

    read_only = "read-only"
    """Reading files."""

    workspace_write = "workspace-write"
    """Reading, and writing inside the workspace and the configured roots."""

    full_access = "full-access"
    """Everything the user may."""


_MODES = {
    Sandbox.read_only: "read-only",
    Sandbox.workspace_write: "workspace-write",
    Sandbox.full_access: "danger-full-access",
}
_POLICIES = {
    Sandbox.read_only: {"type": "readOnly"},
    Sandbox.workspace_write: {"type": "workspaceWrite"},
    Sandbox.full_access: {"type": "dangerFullAccess"},
}


def _one_of(argument: str, kind: type[Enum], or_else: str = "") -> InvalidArgumentError:
    options = ", ".join(f"{kind.__name__}.{member.name}" for member in kind)
    return InvalidArgumentError(f"{argument} must be one of: {options}{or_else}", argument=argument)


def approval_settings(mode: ApprovalMode | None) -> dict[str, Any]:
    """The wire's fields for an approval mode.

    Args:
        mode: The mode; ``None`` leaves the decision to the user's configuration.

    Returns:
        Fields for the parameters of ``thread/*`` and ``turn/start``.

    Raises:
        InvalidArgumentError: If it is no :class:`ApprovalMode`.
    """
    if mode is None:
        return {}
    if not isinstance(mode, ApprovalMode):
        raise _one_of("approval_mode", ApprovalMode)
    if mode is ApprovalMode.deny_all:
        return {"approvalPolicy": "never"}
    return {"approvalPolicy": "on-request", "approvalsReviewer": "auto_review"}


def sandbox_mode(sandbox: Sandbox | None) -> str | None:
    """The preset as the mode of ``thread/*``.

    Args:
        sandbox: The preset or ``None``.

    Returns:
        The wire's word or ``None``.

    Raises:
        InvalidArgumentError: If it is no :class:`Sandbox`.
    """
    if sandbox is None:
        return None
    if not isinstance(sandbox, Sandbox):
        raise _one_of("sandbox", Sandbox)
    return _MODES[sandbox]


def sandbox_policy(sandbox: Any) -> dict[str, Any] | None:
    """The preset as the policy of ``turn/start``.

    Args:
        sandbox: The preset, a whole policy as a payload or as the wire has it, or ``None``.

    Returns:
        The wire's object or ``None``.

    Raises:
        InvalidArgumentError: If it is neither.
    """
    if sandbox is None or isinstance(sandbox, dict):
        return sandbox
    if hasattr(sandbox, "model_dump"):
        return sandbox.model_dump(by_alias=True, exclude_none=True, mode="json")
    if not isinstance(sandbox, Sandbox):
        raise _one_of("sandbox", Sandbox, ", or a whole policy (a SandboxPolicy or a dict)")
    return dict(_POLICIES[sandbox])
