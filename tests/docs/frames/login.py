"""A block that waits for a person to log in: somebody who gives up as soon as the login is offered."""

import contextlib
import threading
import time
from urllib.request import urlopen


def give_up() -> None:
    """Asks the engine's login page to cancel, until there is one."""
    for _ in range(600):
        with contextlib.suppress(OSError):
            urlopen("http://127.0.0.1:1455/cancel", timeout=1).close()
            return
        time.sleep(0.1)


threading.Thread(target=give_up, daemon=True).start()
# the block
