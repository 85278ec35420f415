"""A question about an image that the program has in memory, or fetches from the web.

The engine takes no image from the web by itself: give it the bytes in a data URL.
"""

import asyncio
import base64
import sys
from urllib.request import urlopen

from codexkit import AsyncCodex, ImageInput, TextInput

# Yellow above, blue below.
SAMPLE = (
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAHUlEQVR42mP4f8WaJMQwqoEmGgwy"
    "Z5CERjXQRAMAMU+fkB2chjsAAAAASUVORK5CYII="
)


def image() -> str:
    """The image at the URL in the first argument, or the sample, as a data URL."""
    if len(sys.argv) < 2:
        return f"data:image/png;base64,{SAMPLE}"
    with urlopen(sys.argv[1]) as answer:
        kind = answer.headers.get_content_type()
        return f"data:{kind};base64,{base64.b64encode(answer.read()).decode()}"


async def main() -> None:
    url = await asyncio.to_thread(image)
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        result = await thread.run([TextInput("What is in this image?"), ImageInput(url)])
        print("Status:", result.status.value)
        print("Answer:", result.final_response)


asyncio.run(main())
