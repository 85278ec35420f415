"""A block that is a notebook's cell: it awaits at its top level."""

import asyncio


async def cell() -> None:
    # the block


asyncio.run(cell())
