"""The API and the pages as one process: `python -m rockpool.web`."""

from __future__ import annotations

import gc


def main() -> None:
    """Load them and serve."""
    gc.disable()  # what is loaded stays, and to look for garbage among it is a fifth of the start
    from rockpool.control.api import serve
    from rockpool.web.application import create

    serve.main(create)


if __name__ == "__main__":
    main()
