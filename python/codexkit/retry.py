"""Repeating a call while the server says that it is overloaded; the code is in ``_retry``."""

from __future__ import annotations

from ._retry import retry_on_overload
from .errors import is_retryable_error

__all__ = ["is_retryable_error", "retry_on_overload"]
