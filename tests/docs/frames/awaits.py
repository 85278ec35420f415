"""An example of a docstring, asynchronous: the names it uses are imported."""

import asyncio

from codexkit import AsyncCodex, Sandbox  # noqa: F401 - blocks use them
from codexkit.async_client import AsyncCodexClient  # noqa: F401


async def main() -> None:
    pass
    # the block


asyncio.run(main())
