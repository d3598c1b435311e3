"""`python -m rockpool.control.worker`: brings every workspace to what its row wishes for.

Whatever was lost, doubled or killed on the way, the next pass ends in the same place: a row says what is wished, a
survey says what is there, and a plan says the steps between them.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable

from rockpool.control import podman, queue, record, settings
from rockpool.control.bring import Bring, Hand
from rockpool.control.crew import OTHERS, Crew
from rockpool.control.lease import Leases
from rockpool.control.look import Look, Places
from rockpool.control.queue import Queue
from rockpool.control.settings import Settings
from rockpool.control.store import Store
from rockpool.control.sweep import Sweep
from rockpool.errors import RockpoolError
from rockpool.execute import hand
from rockpool.runtimes.podman import Podman
from rockpool.runtimes.stub import Stub


def runtime(chosen: Settings) -> Places:
    """Return the runtime of this machine."""
    return Stub(directory=str(chosen.stub)) if chosen.runtime == "stub" else Podman()


def build(chosen: Settings, store: Store, hints: Queue, *, does: Hand | None = None, lease: float = 15.0) -> Crew:
    """Put a worker together. `does` carries out steps in the place of this machine's hand."""
    does = does or hand.Hand()
    leases = Leases(store, starting=chosen.starting, seconds=lease)
    crew: Crew
    look = Look(runtime(chosen), lambda step: does.ask(step, stop=lambda: crew.is_stopping))
    crew = Crew(
        leases=leases,
        bring=Bring(leases=leases, look=look, hand=does, stop=lambda: crew.is_stopping),
        sweep=Sweep(store=store, look=look, hand=does),
        queue=hints,
        slots=chosen.starting + OTHERS,
        every=chosen.sweep,
    )
    return crew


def beside(crew: Crew, store: Store) -> tuple[Callable[[], None], ...]:
    """Return what a worker that drives Podman does all the time beside its rows."""

    def follow() -> None:
        for name in podman.happenings():
            crew.suspect(name)

    def list_images() -> None:
        record.images(store, podman.images())
        crew.wait(300)

    return (follow, list_images)


def main() -> int:
    """Work until SIGTERM, and end within 10 s of it."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        chosen = settings.load()
        store = Store(chosen.state)
        crew = build(chosen, store, queue.connect(chosen.queue))
    except RockpoolError as error:
        print(error, file=sys.stderr)  # noqa: T201  # the journal takes what a program says
        return error.exit_code
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: crew.stop())
    crew.run(*(beside(crew, store) if chosen.runtime == "podman" else ()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
