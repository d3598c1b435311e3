"""One connection on stdin and stdout: a line is asked, a line answers, up to the first that fails."""

from __future__ import annotations

import os
import sys
from _signal import SIGTERM, signal  # type: ignore[import-not-found]  # the quick half of `signal`, without stubs

from rockpool.guest.failure import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing this takes longer than all the rest
    from collections.abc import Callable


def serve(do: Callable[[str], object]) -> int:
    """Answer each line by what carries it out: `ok`, with what it tells as JSON if anything, or `error` and why."""
    signal(SIGTERM, lambda *_: sys.exit(1))  # so that whatever a verb holds it lets go
    try:
        for line in sys.stdin:
            print(_answered(do, line.rstrip("\n")), flush=True)
    except Failure as error:
        print("error", error, flush=True)
    except BrokenPipeError:  # whoever asked has left
        os._exit(0)
    return 0


def _answered(do: Callable[[str], object], line: str) -> str:
    try:
        told = do(line)
    except (Failure, OSError, ValueError, LookupError, TypeError) as error:
        raise Failure(" ".join(str(error).split())) from error
    if told is None:
        return "ok"
    import json  # slow to import, and few answers have content

    return f"ok {json.dumps(told, separators=(',', ':'), sort_keys=True)}"
