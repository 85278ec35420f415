"""A login through the browser, and what account is in use.

A real program opens `auth_url` and waits. This one changes its mind, so that nobody has to log in.
"""

import asyncio

from codexkit import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        login = await codex.login_chatgpt()
        print("Open:", login.auth_url)
        print("Cancelled:", (await login.cancel()).status.value)
        print("Logged in:", (await login.wait()).success)

        account = await codex.account()
        print("Needs a login:", account.requires_openai_auth)
        print("Account:", account.account)


asyncio.run(main())
