"""Logins as far as they go without a network: the real engine with its own provider."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from codexkit import AsyncCodex, Codex, CodexConfig, CodexTimeoutError, JsonRpcError, types


def own_account(home: Path) -> CodexConfig:
    """A configuration with the engine's own provider, which is the one with accounts."""
    return CodexConfig(env={"CODEX_HOME": str(home), "HOME": str(home.parent)})


KEY = "sk-test-0123456789abcdefghij"


def test_logins_and_the_account(home: Path) -> None:
    with Codex(own_account(home)) as client:
        assert client.account().account is None
        handle = client.login_chatgpt()
        with pytest.raises(CodexTimeoutError, match="login"):
            handle.wait(timeout=0.05)
        assert handle.cancel().status is types.CancelLoginAccountStatus.canceled
        assert not handle.wait(timeout=60).success
        client.login_api_key(KEY)
        account = client.account(refresh_token=False)
        assert isinstance(account.account.root, types.ApiKeyAccount)
        assert KEY not in repr((account, client.diagnostics(), client.stderr_tail, client))
        client.logout()
        assert client.account().account is None


async def test_async_logins_and_the_account(home: Path) -> None:
    async with AsyncCodex(own_account(home)) as client:
        handle = await client.login_chatgpt()
        with pytest.raises(CodexTimeoutError, match="login"):
            await handle.wait(timeout=0.05)
        waiting = [asyncio.create_task(handle.wait()) for _ in range(1)]
        assert (await handle.cancel()).status == "canceled"
        assert [(await task).success for task in waiting] == [False]
        await client.login_api_key(KEY)
        assert (await client.account()).account.type == "apiKey"
        await client.logout()
        assert (await client.account()).account is None


def test_a_device_code_that_cannot_be_had(home: Path) -> None:
    # Without a network: the engine's own refusal, and the client goes on.
    config = own_account(home)
    config.env = {**(config.env or {}), "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}
    with Codex(config) as client:
        with pytest.raises(JsonRpcError, match="device"):
            client.login_chatgpt_device_code()
        assert client.account().account is None
