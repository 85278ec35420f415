"""The clients and their handles, under the name that the module has in the official SDK.

Everything here is also in :mod:`codexkit` itself, which is the place to import it from. The typed calls
of the whole protocol are ``Codex.api``, not this module.
"""

from __future__ import annotations

from ._names import offers

TYPE_CHECKING = False
if TYPE_CHECKING:
    # isort: off
    from .types import *  # noqa: F403
    from .models import *  # noqa: F403
    from . import *  # noqa: F403
    from .async_client import AsyncCodexClient as AsyncCodexClient
    from .client import CodexClient as CodexClient
else:
    __getattr__ = offers(__name__, "", "client", "async_client", "models", "types")
