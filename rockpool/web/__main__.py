"""The API and the pages as one process: `python -m rockpool.web`."""

from __future__ import annotations

import sys

from rockpool.control import log, settings
from rockpool.control.api.app import create
from rockpool.control.api.serve import handed, listen, server
from rockpool.errors import RockpoolError
from rockpool.web import pages


def main() -> None:
    """Serve until SIGTERM."""
    log.setup()
    try:
        told = settings.load()
        listening = handed() or listen(told.socket)
    except RockpoolError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
    app = create(told)
    app.router.routes.extend(pages.routes())
    server(app).run(sockets=[listening])


if __name__ == "__main__":
    main()
