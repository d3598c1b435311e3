"""What the routes work with: made once for an application, handed to each route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from rockpool.control.figures import Figures
from rockpool.control.follow import Follower
from rockpool.control.journal import Logs
from rockpool.control.queue import Hint, Queue
from rockpool.control.settings import Settings
from rockpool.control.store import Store
from rockpool.control.tables import WorkspaceRow
from rockpool.control.workspaces import Asker


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The database, the queue, and where logs and figures come from."""

    settings: Settings
    store: Store
    queue: Queue
    logs: Logs
    figures: Figures
    follower: Follower

    def hint(self, row: WorkspaceRow) -> None:
        """Tell the workers of a wish that is on the disk. A queue that does not answer fails no request."""
        if row.generation > row.observed_generation:
            self.queue.send(Hint(name=row.name, generation=row.generation))


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _asker(request: Request) -> Asker:
    # Only Caddy and the root of this machine may open the socket, and Caddy sets the name after deleting the client's.
    said = request.headers.get("x-remote-user", "")
    user = "".join(letter for letter in said if letter.isprintable())[:64]
    return Asker(user=user or "local", request_id=request.state.request_id)


With = Annotated[Parts, Depends(_parts)]
By = Annotated[Asker, Depends(_asker)]
