"""Logins that a person completes somewhere else, and the handles that wait for it."""

from __future__ import annotations

from ._types import response
from .errors import ProtocolError, TransportClosedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self

    from ._async import AsyncCodex
    from ._native import Event, EventStream
    from ._sync import Codex
    from .types import AccountLoginCompletedNotification, CancelLoginAccountResponse

_START = "account/login/start"
_CANCEL = "account/login/cancel"
_COMPLETED = "account/login/completed"


def _checked(answer: dict[str, Any], *fields: str) -> dict[str, Any]:
    missing = [field for field in fields if field not in answer]
    if missing:
        raise ProtocolError(f"the answer to {_START} has no {missing[0]}", method=_START)
    return answer


class _Handle:
    """What all login handles have: the login's id and the stream its end will be found in.

    Attributes:
        login_id: The login's id.
    """

    __slots__ = ("_client", "_completed", "_events", "login_id")

    def __init__(self, client: Any, events: EventStream, login_id: str) -> None:
        self._client = client
        self._events = events
        self._completed: AccountLoginCompletedNotification | None = None
        self.login_id = login_id

    def _is_mine(self, event: Event) -> bool:
        if event.method != _COMPLETED or event.params.get("loginId") not in (None, self.login_id):
            return False
        self._completed = event.payload
        return True

    def _done(self) -> AccountLoginCompletedNotification:
        assert self._completed is not None
        return self._completed


class _SyncHandle(_Handle):
    __slots__ = ()

    def wait(self) -> AccountLoginCompletedNotification:
        """Wait until the login has succeeded or failed (``account/login/completed``).

        Returns:
            The notification: look at ``success`` and ``error``. Repeated calls return it again.

        Raises:
            TransportClosedError: If the engine goes away first.
        """
        if self._completed is None and not any(self._is_mine(event) for event in self._events):
            raise TransportClosedError("the client was closed before the login was completed")
        return self._done()

    def cancel(self) -> CancelLoginAccountResponse:
        """Give the login up (``account/login/cancel``).

        Returns:
            The engine's answer.
        """
        return response(_CANCEL, self._client.request(_CANCEL, {"loginId": self.login_id}))


class _AsyncHandle(_Handle):
    __slots__ = ()

    async def wait(self) -> AccountLoginCompletedNotification:
        """Wait until the login has succeeded or failed (``account/login/completed``).

        Returns:
            The notification: look at ``success`` and ``error``. Repeated calls return it again.

        Raises:
            TransportClosedError: If the engine goes away first.
        """
        if self._completed is None:
            async for event in self._events.events_async():
                if self._is_mine(event):
                    break
            else:
                raise TransportClosedError("the client was closed before the login was completed")
        return self._done()

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
