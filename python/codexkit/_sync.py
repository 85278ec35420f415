"""The synchronous client. :mod:`codexkit._async` is the same with coroutines; both call one core."""

from __future__ import annotations

from ._check import check, handler, seconds, text
from ._config import options_json
from ._lifecycle import track
from ._many import Agents
from ._observed import closed, tag
from ._params import given, responders, thread_params, tools_of
from ._sync_resume import Resuming
from ._sync_thread import Thread
from ._types import response
from .errors import TransportClosedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from os import PathLike
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from . import _native
    from ._approvals import ApprovalHandler
    from ._config import CodexConfig
    from ._login import ChatgptLoginHandle, DeviceCodeLoginHandle
    from ._mcp_servers import McpServer
    from ._mcp_view import Mcp
    from ._metrics import Metrics
    from ._modes import ApprovalMode, Sandbox
    from ._native import Event
    from .approvals import (
        ApprovalRequest,
        Decision,
        ElicitationRequest,
        OnApproval,
        OnElicitation,
        OnQuestion,
        QuestionRequest,
    )
    from .client import CodexClient
    from .models import InitializeResponse
    from .protocol import Api
    from .telemetry import Span, TelemetryEvent
    from .tools import ToolRegistry, Tools
    from .types import (
        GetAccountResponse,
        ModelListResponse,
        Personality,
        SortDirection,
        ThreadArchiveResponse,
        ThreadListResponse,
        ThreadSortKey,
        ThreadSource,
        ThreadSourceKind,
        ThreadStartSource,
    )


class Codex(Resuming, Agents):
    """An engine and the conversations on it.

    The engine starts in the constructor, or beside the program with ``CodexConfig(prewarm=True)``. One client may be used
    from several threads. A ``with`` block closes it::

        with Codex() as codex:
            thread = codex.thread_start(sandbox=Sandbox.workspace_write)
            result = thread.run("Describe this project.")
            print(result.final_response)
    """

    def __init__(
        self,
        config: CodexConfig | None = None,
        *,
        approval_handler: ApprovalHandler | None = None,
        on_approval: OnApproval | None = None,
        on_elicitation: OnElicitation | None = None,
        on_question: OnQuestion | None = None,
        tools: Tools | None = None,
        on_span: Callable[[Span], object] | None = None,
        on_event: Callable[[TelemetryEvent], object] | None = None,
    ) -> None:
        """Start an engine; with ``prewarm`` in the configuration, the first call waits for it and raises the errors below.

        Args:
            config: How to find and start it.
            approval_handler: Called with the method and the parameters when the engine asks for
                something (an approval, an answer, a tool call), on a thread of its own; returns the
                answer as a dict. Without one, and when it raises, requests are declined.
            on_approval: Who decides what the agent asks for, after those of turns and threads: a policy or function of
                :mod:`codexkit.approvals`, or a list of both. Asked before ``approval_handler``.
            on_elicitation: Who answers what MCP servers ask.
            on_question: Who answers the agent's questions.
            tools: The first tools of :attr:`tools`, which every thread gets; or the registry itself.
            on_span: Called with each span of the client that ended; see :mod:`codexkit.telemetry`.
            on_event: Called with each event of the client.

        Raises:
            InvalidArgumentError: For a bad option.
            EngineNotFoundError: If there is no engine.
            EngineVersionError: If it is too old.
            SpawnError: If it cannot be started.
            CodexTimeoutError: If it does not answer.
        """
        from .tools import registry_of

        asked = responders(on_approval, on_question, on_elicitation, None)
        self._tools = registry_of(() if tools is None else tools, None)
        asker = None
        if approval_handler is not None:
            from ._approvals import Asker

            asker = Asker(handler(approval_handler), None)
        self._config = config
        self._closed = False
        self._tag = tag(on_span, on_event)
        self._started: _native.Client | None = None
        self._starting: _native.Prewarmed | None = None
        options, registry = options_json(config), self._tools._native
        if config is not None and config.prewarm:
            from ._native import prewarm

            self._starting = prewarm(options, asker, asked, registry, self._tag)
            track(self._starting)
            return
        from ._native import connect

        self._begin(connect(options, asker, None, asked, registry, self._tag))

    def _begin(self, native: _native.Client) -> None:
        from .models import initialize_response

        track(native)
        self._metadata = initialize_response(native.metadata())
        self._started = native

    @property
    def _native(self) -> _native.Client:
        """The engine; waits for one that is on its way."""
        if self._started is None:
            starting = self._starting
            if starting is None or self._closed:
                raise TransportClosedError("this client is closed; make a new one")
            self._begin(starting.client())
        started = self._started
        assert started is not None
        return started

    @property
    def tools(self) -> ToolRegistry:
        """The tools that every thread gets which is started, resumed or forked from now on."""
        return self._tools

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _client(self) -> CodexClient:
        """The low-level client on the same engine: where the official SDK has its own."""
        from .client import CodexClient

        return CodexClient._over_native(self._config, self._native)

    @property
    def metadata(self) -> InitializeResponse:
        """What the engine said of itself, and which engine it is."""
        _ = self._native
        return self._metadata

    def close(self) -> None:
        """End the engine: gracefully, then by force. May be called again."""
        self._closed = True
        native = self._started or self._starting
        if native is not None:
            native.close()
        closed(self._tag)

    def login_api_key(self, api_key: str) -> None:
        """Log in with an API key (``account/login/start``).

        Args:
            api_key: The key.
        """
        self.request("account/login/start", {"type": "apiKey", "apiKey": text("api_key", api_key)})

    def login_chatgpt(self) -> ChatgptLoginHandle:
        """Start a login through the browser (``account/login/start``).

        Returns:
            A handle with the URL to open.
        """
        from ._login import ChatgptLoginHandle

        return ChatgptLoginHandle._start(self)

    def login_chatgpt_device_code(self) -> DeviceCodeLoginHandle:
        """Start a login by a code to enter on another device (``account/login/start``).

        Returns:
            A handle with the URL and the code.
        """
        from ._login import DeviceCodeLoginHandle

        return DeviceCodeLoginHandle._start(self)

    def account(self, *, refresh_token: bool = False) -> GetAccountResponse:
        """The account in use (``account/read``).

        Args:
            refresh_token: Whether to refresh the login's token first.

        Returns:
            The engine's answer.
        """
        answer = self.request(
            "account/read", {"refreshToken": check("refresh_token", refresh_token)}
        )
        return response("account/read", answer)

    def logout(self) -> None:
        """Forget the login (``account/logout``)."""
        self.request("account/logout")

    def models(self, *, include_hidden: bool = False) -> ModelListResponse:
        """The models the engine knows (``model/list``).

        Args:
            include_hidden: Whether to list those meant not to be chosen, too.

        Returns:
            The engine's answer.
        """
        answer = self.request(
            "model/list", {"includeHidden": check("include_hidden", include_hidden)}
        )
        return response("model/list", answer)

    def pending_approvals(
        self,
    ) -> list[ApprovalRequest | QuestionRequest | ElicitationRequest]:
        """What was put off with ``Decision.later()`` and waits for its answer.

        Returns:
            The requests, by their ids.
        """
        from ._responders import request_of

        return [request_of(view) for view in self._native.pending_approvals()]

    def answer_approval(
        self,
        approval_id: str,
        answer: Decision | str | Mapping[str, Any],
    ) -> None:
        """Answer what was put off with ``Decision.later()``, from whatever task or thread.

        Args:
            approval_id: The request's id.
            answer: A decision or its word; for questions the answers by their ids, for a form its values.

        Raises:
            InvalidArgumentError: If nothing waits under this id any more, or the answer does not fit; the request then
                waits on.
        """
        from ._responders import reply

        name, wire = text("approval_id", approval_id), reply(answer)
        self._native.answer_approval(name, wire)

    def thread_start(
        self,
        *,
        approval_mode: ApprovalMode | None = None,
        approval_timeout: float | None = None,
        base_instructions: str | None = None,
        config: dict[str, Any] | None = None,
        cwd: str | PathLike[str] | None = None,
        developer_instructions: str | None = None,
        ephemeral: bool | None = None,
        model: str | None = None,
        model_provider: str | None = None,
        on_approval: OnApproval | None = None,
        on_elicitation: OnElicitation | None = None,
        on_question: OnQuestion | None = None,
        tools: Tools | None = None,
        personality: Personality | str | None = None,
        sandbox: Sandbox | None = None,
        service_name: str | None = None,
        service_tier: str | None = None,
        session_start_source: ThreadStartSource | str | None = None,
        thread_source: ThreadSource | str | None = None,
        extra: Mapping[str, Any] | None = None,
        mcp_servers: Mapping[str, McpServer] | None = None,
    ) -> Thread:
        """Start a conversation (``thread/start``).

        Args:
            approval_mode: What happens when the agent asks for more than its sandbox allows. ``None`` (on
                purpose not the official SDK's default) sends nothing: the user's configuration
                decides, and what reaches this client is declined without an ``approval_handler``.
            approval_timeout: Seconds for the handlers of this thread before a request is declined; by default
                the client's.
            base_instructions: Instructions instead of the model's own.
            config: Settings of the engine for this thread, as in ``config.toml``.
            cwd: The working directory.
            developer_instructions: Instructions on top.
            ephemeral: Whether the thread is kept in memory only.
            model: The model.
            model_provider: The model's provider.
            on_approval: Who decides what the agent asks for in this thread, before all others: a policy or
                function of :mod:`codexkit.approvals`, or a list of both.
            on_elicitation: Who answers what MCP servers ask in this thread.
            on_question: Who answers the agent's questions in this thread.
            tools: The thread's tools, besides the client's: a list of :func:`codexkit.tool`, or a registry.
            personality: How the agent speaks.
            sandbox: What the agent's commands may touch.
            service_name: The name of the service the thread belongs to.
            service_tier: The service tier of the thread's turns.
            session_start_source: What started the session, for hooks.
            thread_source: What started the thread.
            extra: Further parameters of ``thread/start``, by snake_case or wire name.
            mcp_servers: MCP servers of the thread, by name, beside those of the configuration.

        Returns:
            The thread.

        Raises:
            InvalidArgumentError: For an argument that cannot be right.
            JsonRpcError: If the engine refuses.
        """
        params = thread_params(
            extra,
            approval_mode=approval_mode,
            base_instructions=base_instructions,
            config=config,
            cwd=cwd,
            developer_instructions=developer_instructions,
            ephemeral=ephemeral,
            mcp_servers=mcp_servers,
            model=model,
            model_provider=model_provider,
            personality=personality,
            sandbox=sandbox,
            service_name=service_name,
            service_tier=service_tier,
            session_start_source=session_start_source,
            thread_source=thread_source,
        )
        asked = responders(on_approval, on_question, on_elicitation, None, approval_timeout)
        given_tools = tools_of(tools, None)
        return Thread._of(self._native, self._native.thread_start(params, None, asked, given_tools))

    def thread_resume(
        self,
        thread_id: str,
        *,
        approval_mode: ApprovalMode | None = None,
        approval_timeout: float | None = None,
        base_instructions: str | None = None,
        config: dict[str, Any] | None = None,
        cwd: str | PathLike[str] | None = None,
        developer_instructions: str | None = None,
        include_turns: bool | None = None,
        model: str | None = None,
        model_provider: str | None = None,
        on_approval: OnApproval | None = None,
        on_elicitation: OnElicitation | None = None,
        on_question: OnQuestion | None = None,
        tools: Tools | None = None,
        personality: Personality | str | None = None,
        sandbox: Sandbox | None = None,
        service_tier: str | None = None,
        extra: Mapping[str, Any] | None = None,
        mcp_servers: Mapping[str, McpServer] | None = None,
    ) -> Thread:
        """Go on with a stored conversation (``thread/resume``).

        Args:
            thread_id: The thread's id.
            approval_mode: What happens when the agent asks for more than its sandbox allows;
                ``None`` keeps the thread's.
            approval_timeout: Seconds for the handlers of this thread before a request is declined; by default
                the client's.
            base_instructions: Instructions instead of the model's own.
            config: Settings of the engine for this thread, as in ``config.toml``.
            cwd: The working directory.
            developer_instructions: Instructions on top.
            include_turns: Whether the engine's answer carries the history; ``None``: as it likes.
                It does not change what the model sees.
            model: The model.
            model_provider: The model's provider.
            on_approval: Who decides what the agent asks for in this thread, before all others: a policy or
                function of :mod:`codexkit.approvals`, or a list of both.
            on_elicitation: Who answers what MCP servers ask in this thread.
            on_question: Who answers the agent's questions in this thread.
            tools: The thread's tools, besides the client's: a list of :func:`codexkit.tool`, or a registry.
            personality: How the agent speaks.
            sandbox: What the agent's commands may touch.
            service_tier: The service tier of the thread's turns.
            extra: Further parameters of ``thread/resume``, by snake_case or wire name.
            mcp_servers: MCP servers of the thread, by name, beside those of the configuration.

        Returns:
            The thread.

        Raises:
            InvalidArgumentError: For an argument that cannot be right.
            JsonRpcError: If the engine refuses, as for an unknown id.
        """
        params = thread_params(
            extra,
            approval_mode=approval_mode,
            base_instructions=base_instructions,
            config=config,
            cwd=cwd,
            developer_instructions=developer_instructions,
            include_turns=include_turns,
            mcp_servers=mcp_servers,
            model=model,
            model_provider=model_provider,
            personality=personality,
            sandbox=sandbox,
            service_tier=service_tier,
        )
        asked = responders(on_approval, on_question, on_elicitation, None, approval_timeout)
        given_tools = tools_of(tools, None)
        id = text("thread_id", thread_id)
        return Thread._of(
            self._native, self._native.thread_resume(id, params, None, asked, given_tools)
        )

    def thread_fork(
        self,
        thread_id: str,
        *,
        approval_mode: ApprovalMode | None = None,
        approval_timeout: float | None = None,
        base_instructions: str | None = None,
        config: dict[str, Any] | None = None,
        cwd: str | PathLike[str] | None = None,
        developer_instructions: str | None = None,
        ephemeral: bool | None = None,
        include_turns: bool | None = None,
        model: str | None = None,
        model_provider: str | None = None,
        on_approval: OnApproval | None = None,
        on_elicitation: OnElicitation | None = None,
        on_question: OnQuestion | None = None,
        tools: Tools | None = None,
        sandbox: Sandbox | None = None,
        service_tier: str | None = None,
        thread_source: ThreadSource | str | None = None,
        extra: Mapping[str, Any] | None = None,
        mcp_servers: Mapping[str, McpServer] | None = None,
    ) -> Thread:
        """Start a conversation with the history of another (``thread/fork``).

        Args:
            thread_id: The thread's id.
            approval_mode: What happens when the agent asks for more than its sandbox allows;
                ``None`` keeps the thread's.
            approval_timeout: Seconds for the handlers of this thread before a request is declined; by default
                the client's.
            base_instructions: Instructions instead of the model's own.
            config: Settings of the engine for this thread, as in ``config.toml``.
            cwd: The working directory.
            developer_instructions: Instructions on top.
            ephemeral: Whether the thread is kept in memory only.
            include_turns: Whether the engine's answer carries the history; ``None``: as it likes.
                It does not change what the model sees.
            model: The model.
            model_provider: The model's provider.
            on_approval: Who decides what the agent asks for in this thread, before all others: a policy or
                function of :mod:`codexkit.approvals`, or a list of both.
            on_elicitation: Who answers what MCP servers ask in this thread.
            on_question: Who answers the agent's questions in this thread.
            tools: The thread's tools, besides the client's: a list of :func:`codexkit.tool`, or a registry.
            sandbox: What the agent's commands may touch.
            service_tier: The service tier of the thread's turns.
            thread_source: What started the thread.
            extra: Further parameters of ``thread/fork``, by snake_case or wire name.
            mcp_servers: MCP servers of the thread, by name, beside those of the configuration.

        Returns:
            The new thread.

        Raises:
            InvalidArgumentError: For an argument that cannot be right.
            JsonRpcError: If the engine refuses, as for an unknown id.
        """
        params = thread_params(
            extra,
            approval_mode=approval_mode,
            base_instructions=base_instructions,
            config=config,
            cwd=cwd,
            developer_instructions=developer_instructions,
            ephemeral=ephemeral,
            include_turns=include_turns,
            mcp_servers=mcp_servers,
            model=model,
            model_provider=model_provider,
            sandbox=sandbox,
            service_tier=service_tier,
            thread_source=thread_source,
        )
        asked = responders(on_approval, on_question, on_elicitation, None, approval_timeout)
        given_tools = tools_of(tools, None)
        id = text("thread_id", thread_id)
        return Thread._of(
            self._native, self._native.thread_fork(id, params, None, asked, given_tools)
        )

    def thread_list(
        self,
        *,
        archived: bool | None = None,
        cursor: str | None = None,
        cwd: str | list[str] | None = None,
        limit: int | None = None,
        model_providers: list[str] | None = None,
        search_term: str | None = None,
        section_id: str | None = None,
        sort_direction: SortDirection | str | None = None,
        sort_key: ThreadSortKey | str | None = None,
        source_kinds: list[ThreadSourceKind] | list[str] | None = None,
        use_state_db_only: bool | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> ThreadListResponse:
        """List stored conversations, a page at a time (``thread/list``).

        Args:
            archived: Only archived threads, or only others.
            cursor: Where a former page ended.
            cwd: Only threads of this working directory, or of one of these.
            limit: How many at most.
            model_providers: Only threads of these providers.
            search_term: Only threads whose title contains this.
            section_id: Only threads of this section.
            sort_direction: Ascending or descending.
            sort_key: What to sort by.
            source_kinds: Only threads started by these.
            use_state_db_only: Whether to trust the index instead of looking at the files.
            extra: Further parameters of ``thread/list``, by snake_case or wire name.

        Returns:
            The engine's answer: ``data`` and ``next_cursor``.
        """
        params = given(
            extra,
            archived=archived,
            cursor=cursor,
            cwd=cwd,
            limit=limit,
            model_providers=model_providers,
            search_term=search_term,
            section_id=section_id,
            sort_direction=sort_direction,
            sort_key=sort_key,
            source_kinds=source_kinds,
            use_state_db_only=use_state_db_only,
        )
        answer = self._native.thread_list(params)
        return response("thread/list", answer)

    def thread_archive(self, thread_id: str) -> ThreadArchiveResponse:
        """Put a stored conversation away (``thread/archive``).

        Args:
            thread_id: The thread's id.

        Returns:
            The engine's answer.
        """
        answer = self._native.thread_archive(text("thread_id", thread_id))
        return response("thread/archive", answer)

    def thread_unarchive(self, thread_id: str) -> Thread:
        """Get a conversation back from the archive (``thread/unarchive``).

        Args:
            thread_id: The thread's id.

        Returns:
            The thread; resume it before starting a turn.
        """
        native = self._native
        answer = native.thread_unarchive(text("thread_id", thread_id))
        thread = answer.get("thread") or {}
        return Thread._of(native, native.thread(thread.get("id") or thread_id))

    @property
    def mcp(self) -> Mcp:
        """The MCP servers of the engine's configuration; those of a thread are at ``thread.mcp``."""
        from ._mcp_view import Mcp

        return Mcp(self._native.mcp())

    @property
    def api(self) -> Api:
        """Every method of the protocol under its own name, typed and checked before it is sent.

        ``codex.api.thread.goal.set(thread_id=..., objective=...)`` calls ``thread/goal/set``.
        """
        from .protocol import Api

        return Api(self)

    def request(self, method: str, params: Any = None, *, timeout: float | None = None) -> Any:
        """Call any method of the engine.

        Args:
            method: The protocol's method, as in ``skills/list``.
            params: Its parameters with the wire's names.
            timeout: Seconds to wait for the answer; the client's ``request_timeout`` without it.

        Returns:
            The answer as plain dicts and lists.

        Raises:
            JsonRpcError: If the engine refuses.
            CodexTimeoutError: If it does not answer.
            TransportClosedError: If it is gone.
        """
        return self._native.request(text("method", method), params, seconds("timeout", timeout))

    def notify(self, method: str, params: Any = None) -> None:
        """Send the engine a notification.

        Args:
            method: The protocol's method.
            params: Its parameters with the wire's names.
        """
        self._native.notify(text("method", method), params)

    def notifications(self) -> Iterator[Event]:
        """What the engine reports and no turn's handle claims: MCP servers, limits, other threads.

        One cursor is shared by all iterators of the client; the oldest unread are dropped and counted
        (:meth:`stats`).

        Returns:
            An iterator of events that waits for the next one.

        Raises:
            TransportClosedError: While iterating, once the client is closed or the engine gone.
        """
        return self._native.notifications()

    def diagnostics(self) -> list[dict[str, Any]]:
        """What went wrong without ending anything: odd lines, late answers, declined requests.

        Returns:
            The newest entries, each with ``kind``, ``message`` and perhaps an ``excerpt``.
        """
        return self._native.diagnostics()

    def stats(self) -> dict[str, int]:
        """Counters since the start.

        Returns:
            Them by name.
        """
        return self._native.stats()

    def metrics(self) -> Metrics:
        """What was done since the start, and what is done now: turns, times, tokens, calls, queues.

        Returns:
            The figures by name; times are in seconds.
        """
        return self._native.metrics()

    @property
    def stderr_tail(self) -> str:
        """The last lines the engine wrote to its standard error."""
        return self._native.stderr_tail()

    @property
    def is_closed(self) -> bool:
        """Whether the client was closed or the engine is gone."""
        return self._closed if self._started is None else self._started.is_closed

    @property
    def pid(self) -> int | None:
        """The engine's process id while it runs."""
        return self._native.pid
