"""Which engine this is, and which models it offers."""

import asyncio

from codexkit import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        metadata = codex.metadata
        print("Engine:", metadata.engine_version, "from", metadata.engine_source)
        print("Home:", metadata.codex_home)
        print("Platform:", metadata.platform_os)

        models = await codex.models(include_hidden=True)
        for model in models.data:
            efforts = [
                option.reasoning_effort.value for option in model.supported_reasoning_efforts
            ]
            note = " (default)" if model.is_default else " (hidden)" if model.hidden else ""
            print(f"Model: {model.model}{note}: {', '.join(efforts)}")


asyncio.run(main())
