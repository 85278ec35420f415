"""A question about an image in a file."""

import asyncio
import struct
import tempfile
import zlib
from pathlib import Path

from codexkit import AsyncCodex, LocalImageInput


def draw(path: Path) -> None:
    """Writes an image of 64 by 64 pixels, red above and blue below."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    rows = [b"\0" + bytes([220, 30, 30] * 64)] * 32 + [b"\0" + bytes([30, 30, 220] * 64)] * 32
    header = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "flag.png"
        draw(image)
        async with AsyncCodex() as codex:
            thread = await codex.thread_start()
            result = await thread.run(["Which colours has this flag?", LocalImageInput(image)])
            print("Status:", result.status.value)
            print("Answer:", result.final_response)


asyncio.run(main())
