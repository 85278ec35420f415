"""A block that uses the low-level client."""

from codexkit.client import CodexClient

# the block
