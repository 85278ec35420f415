"""Logins that a person completes somewhere else, and the handles that wait for it."""

from __future__ import annotations

from ._check import seconds
from ._low_level import within
from ._routes import of_login
from ._types import response
from .errors import ProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self

    from ._async import AsyncCodex
    from ._native import EventStream
    from ._sync import Codex
    from .types import AccountLoginCompletedNotification, CancelLoginAccountResponse

_START = "account/login/start"
_CANCEL = "account/login/cancel"
_END = "the login's end"


def _checked(answer: dict[str, Any], *fields: str) -> dict[str, Any]:
    missing = [field for field in fields if field not in answer]
    if missing:
        raise ProtocolError(f"the answer to {_START} has no {missing[0]}", method=_START)
    return answer


class _Handle:
    """What all login handles have: the login's id and where its end will be found.

    Attributes:
        login_id: The login's id.
    """

    __slots__ = ("_client", "_completed", "_route", "login_id")

    def __init__(self, client: Any, events: EventStream, login_id: str) -> None:
        self._client = client
        self._route = of_login(events, login_id)
        self._completed: AccountLoginCompletedNotification | None = None
        self.login_id = login_id


class _SyncHandle(_Handle):
    __slots__ = ()

    def wait(self, *, timeout: float | None = None) -> AccountLoginCompletedNotification:
        """Wait until the login has succeeded or failed (``account/login/completed``).

        Args:
            timeout: Seconds to wait at most; without it, as long as the engine takes.

        Returns:
            The notification: look at ``success`` and ``error``. Repeated calls return it again.

        Raises:
            CodexTimeoutError: If it has not come in time. The login goes on.
            TransportClosedError: If the engine goes away first.
        """
        if self._completed is None:
            route = self._route
            limit = seconds("timeout", timeout)
            event = next(route) if limit is None else route.next_within(limit, _END)
            self._completed = event.payload
        return self._completed  # pyright: ignore[reportReturnType]

    def cancel(self) -> CancelLoginAccountResponse:
        """Give the login up (``account/login/cancel``).

        Returns:
            The engine's answer.
        """
        return response(_CANCEL, self._client.request(_CANCEL, {"loginId": self.login_id}))


class _AsyncHandle(_Handle):
    __slots__ = ()

    async def wait(self, *, timeout: float | None = None) -> AccountLoginCompletedNotification:
        """Wait until the login has succeeded or failed (``account/login/completed``).

        Args:
            timeout: Seconds to wait at most; without it, as long as the engine takes.

        Returns:
            The notification: look at ``success`` and ``error``. Repeated calls return it again.

        Raises:
            CodexTimeoutError: If it has not come in time. The login goes on.
            TransportClosedError: If the engine goes away first.
        """
        if self._completed is None:
            event = await within(seconds("timeout", timeout), _END, self._route.anext())
            self._completed = event.payload
        return self._completed  # pyright: ignore[reportReturnType]

    async def cancel(self) -> CancelLoginAccountResponse:
        """Give the login up (``account/login/cancel``).

        Returns:
            The engine's answer.
        """
        return response(_CANCEL, await self._client.request(_CANCEL, {"loginId": self.login_id}))


class ChatgptLoginHandle(_SyncHandle):
    """A login through the browser: open ``auth_url``, then :meth:`wait`."""

    __slots__ = ("auth_url",)

    @classmethod
    def _start(cls, client: Codex) -> Self:
        events = client._native.subscribe()
        answer = _checked(client.request(_START, {"type": "chatgpt"}), "loginId", "authUrl")
        handle = cls(client, events, answer["loginId"])
        handle.auth_url = answer["authUrl"]
        return handle


class DeviceCodeLoginHandle(_SyncHandle):
    """A login by a code: enter ``user_code`` at ``verification_url``, then :meth:`wait`."""

    __slots__ = ("user_code", "verification_url")

    @classmethod
    def _start(cls, client: Codex) -> Self:
        events = client._native.subscribe()
        answer = client.request(_START, {"type": "chatgptDeviceCode"})
        answer = _checked(answer, "loginId", "verificationUrl", "userCode")
        handle = cls(client, events, answer["loginId"])
        handle.verification_url = answer["verificationUrl"]
        handle.user_code = answer["userCode"]
        return handle


class AsyncChatgptLoginHandle(_AsyncHandle):
    """A login through the browser: open ``auth_url``, then await :meth:`wait`."""

    __slots__ = ("auth_url",)

    @classmethod
    async def _start(cls, client: AsyncCodex) -> Self:
        events = (await client._connected()).subscribe()
        answer = _checked(await client.request(_START, {"type": "chatgpt"}), "loginId", "authUrl")
        handle = cls(client, events, answer["loginId"])
        handle.auth_url = answer["authUrl"]
        return handle


class AsyncDeviceCodeLoginHandle(_AsyncHandle):
    """A login by a code: enter ``user_code`` at ``verification_url``, then await :meth:`wait`."""

    __slots__ = ("user_code", "verification_url")

    @classmethod
    async def _start(cls, client: AsyncCodex) -> Self:
        events = (await client._connected()).subscribe()
        answer = await client.request(_START, {"type": "chatgptDeviceCode"})
        answer = _checked(answer, "loginId", "verificationUrl", "userCode")
        handle = cls(client, events, answer["loginId"])
        handle.verification_url = answer["verificationUrl"]
        handle.user_code = answer["userCode"]
        return handle
