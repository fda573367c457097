"""Work for a resident child that does what its request says, for `test_resident`."""

from __future__ import annotations

import os
import resource
import signal
import socket
import time
from typing import Any


def obey(request: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """Answer with the process id, or do what it is told."""
    match request.get("do"):
        case "sleep":
            time.sleep(request["seconds"])
        case "spin":
            while True:
                pass
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "raise":
            raise ValueError("what a person's document says")
        case "hoard":
            bytearray(request["bytes"])
        case "print":
            print("noise on the way")
            os.write(1, b"more noise")
        case "call out":
            socket.create_connection(("127.0.0.1", 9))
        case "write":
            with open(request["path"], "wb") as file:  # noqa: PTH123
                file.write(b"x" * 100)
    limits = {"as": resource.getrlimit(resource.RLIMIT_AS)[0], "cpu": resource.getrlimit(resource.RLIMIT_CPU)[0]}
    return {"pid": os.getpid(), "environment": sorted(os.environ), **limits}, [blob[::-1] for blob in blobs]
