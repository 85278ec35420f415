"""A block that uses the low-level client and pydantic."""

from codexkit.client import CodexClient
from pydantic import BaseModel

# the block
