"""The API and the pages as one process: `python -m rockpool.web`."""

from __future__ import annotations

from rockpool.control.api import serve
from rockpool.web.application import create

if __name__ == "__main__":
    serve.main(create)
