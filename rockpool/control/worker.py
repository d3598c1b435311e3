"""`python -m rockpool.control.worker`: brings every workspace to what its row wishes for.

Whatever was lost, doubled or killed on the way, the next pass ends in the same place: a row says what is wished, a
survey says what is there, and a plan says the steps between them.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable

from rockpool.control import log, notify, podman, queue, record, runtimes, settings
from rockpool.control.bring import Bring, Hand
from rockpool.control.crew import OTHERS, Crew
from rockpool.control.lease import LEASE_SECONDS, Leases
from rockpool.control.look import Look
from rockpool.control.queue import Queue
from rockpool.control.settings import Settings
from rockpool.control.store import Store
from rockpool.control.sweep import Sweep
from rockpool.control.usage import EVERY, Usage
from rockpool.errors import RockpoolError
from rockpool.execute import hand


def build(
    chosen: Settings, store: Store, hints: Queue, does: Hand | None = None, *, lease: float = LEASE_SECONDS
) -> Crew:
    """Put a worker together. `does` carries out steps, this machine's hand if nobody does; `lease` is in seconds."""
    does = does or hand.Hand()
    leases = Leases(store, starting=chosen.starting, seconds=lease)
    crew: Crew
    look = Look(chosen, store, lambda step: does.ask(step, stop=lambda: crew.is_stopping))
    crew = Crew(
        leases=leases,
        bring=Bring(leases=leases, look=look, hand=does, stop=lambda: crew.is_stopping, cgroup=_cgroup(chosen)),
        sweep=Sweep(store=store, look=look, runtime=chosen.runtime),
        queue=hints,
        slots=chosen.starting + OTHERS,
        every=chosen.sweep,
    )
    crew.others += _beside(crew, store, chosen, does)
    return crew


def _cgroup(chosen: Settings) -> Callable[[str], str]:
    return podman.cgroup if chosen.runtime == "podman" else lambda _name: ""


def _beside(crew: Crew, store: Store, chosen: Settings, does: Hand) -> tuple[Callable[[], None], ...]:
    """Return what a worker does again and again beside its rows."""

    def purge() -> None:
        for home in record.unwanted_homes(store):
            steps = runtimes.chosen(chosen).purge(home)
            if not does.carry_out(steps, lambda _step, _text: None, stop=lambda: crew.is_stopping):
                return
            record.home_is_gone(store, home)
        crew.wait(5)

    def follow() -> None:
        for name in podman.happenings():
            crew.suspect(name)
        crew.wait(1)  # Podman has ended the stream; what was missed, the sweep finds

    def list_images() -> None:
        record.images(store, podman.images())
        crew.wait(60)

    usage = Usage(store=store, wake=crew.suspect)

    def watch() -> None:
        usage()
        crew.wait(EVERY)

    return (purge, follow, list_images, watch) if chosen.runtime == "podman" else (purge,)


def main() -> int:
    """Work until SIGTERM, and end within 10 s of it."""
    log.setup()
    try:
        chosen = settings.load()
        store = Store(chosen.state)
        crew = build(chosen, store, queue.connect(chosen.queue))
    except RockpoolError as error:
        print(error, file=sys.stderr)  # noqa: T201  # the journal takes what a program says
        return error.exit_code
    for sign in (signal.SIGTERM, signal.SIGINT):
        # By a thread of its own: the one that is interrupted may hold the very lock that `stop` takes.
        signal.signal(sign, lambda *_: threading.Thread(target=crew.stop).start())
    notify.ready()
    crew.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
