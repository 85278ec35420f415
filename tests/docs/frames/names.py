"""An example of a docstring, synchronous: the names it uses are imported."""

from codexkit import Codex, Sandbox  # noqa: F401 - blocks use them
from codexkit.client import CodexClient  # noqa: F401
from codexkit.testing import ScriptedModel  # noqa: F401

# the block
