"""Files in a turn: an image and a table, staged from memory, and what the store made of them."""

import base64
import tempfile

from codexkit import Codex
from codexkit.files import FileStore

# Yellow above, blue below.
FLAG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAHUlEQVR42mP4f8WaJMQwqoEmGgwy"
    "Z5CERjXQRAMAMU+fkB2chjsAAAAASUVORK5CYII="
)


def table():
    """Rows as they come from somewhere, never all at once."""
    yield b"country,population\n"
    for row in ("Ukraine,41000000", "Sweden,10500000"):
        yield f"{row}\n".encode()


with tempfile.TemporaryDirectory() as folder, Codex() as codex:
    store = FileStore(folder)
    flag = store.stage(FLAG)
    again = store.stage(FLAG, name="flag.png")
    rows = store.stage(table(), name="population.csv", ttl=3600)
    for staged in store.list():
        print("Staged:", staged.name, staged.media_type, staged.size)

    thread = codex.thread_start()
    result = thread.run(["Whose flag is this, and how many live there?", flag, rows.as_text()])
    print("Answer:", result.final_response)

    metrics = store.metrics()
    print("Stored once:", metrics.deduplicated, "of", metrics.staged)
    print("Removed:", store.reset())
