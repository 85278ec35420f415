"""A block that has a client and a thread, synchronous."""

import codexkit  # noqa: F401 - blocks use it
from codexkit import Codex

with Codex() as codex:
    thread = codex.thread_start()
    # the block
