"""A walk inside a machine: `python3 -m tests.bed.inside SEED STEPS IMAGE…`, as root, with the worker's own hand.

Whoever carries out a plan is killed between two steps or amid one, and what it has begun goes on without it, as it may
when a worker dies. Prints what is left to do and left over at the end, as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from random import Random

from rockpool import names
from rockpool.errors import RockpoolError
from rockpool.execute.hand import Hand
from rockpool.execute.machine.until import until
from rockpool.runtimes.podman import Podman
from rockpool.step import Step, Steps
from tests.bed.walk import Walk, orphans

ATTEMPTS = 8
"""How often a worker may try until everything is as wished: what a killed one has begun may still be under way."""

PODMAN = ("podman", "--url", f"unix://{names.PODMAN_SOCKET}")
API = ("systemctl", "--user", "--machine=rockpool-ws@", "kill", "--signal=KILL", "podman.service")


class Machine:
    """The machine that this runs in."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.plans = self.kills = self.failures = self.accidents = 0

    def survey(self) -> str:
        """Ask wsctl. Podman's API may just have been killed, so it is asked again."""
        told: RockpoolError | None = None
        for _ in until(120, 1):
            try:
                return Hand().ask(Podman().survey)
            except RockpoolError as error:
                told = error
        raise AssertionError(str(told))

    def carry_out(self, steps: Steps, acts: int) -> None:
        """Do steps in a process of its own, and kill it at the beginning of a step or some time later."""
        self.plans += bool(steps)
        child = os.fork()
        if not child:
            self._worker(steps, acts)
        status = os.waitpid(child, 0)[1]
        self.kills += os.WIFSIGNALED(status)
        self.failures += os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0

    def _worker(self, steps: Steps, acts: int) -> None:
        begun, amid = 0, 0.01 + self.random.random()

        def tell(step: Step, text: str) -> None:
            nonlocal begun
            if text == step.why:
                begun += 1
                if begun > acts:
                    os.kill(os.getpid(), 9)
                if begun == acts:
                    signal.setitimer(signal.ITIMER_REAL, amid)  # nobody handles it, so it kills

        try:
            Hand().carry_out(steps, tell)
        except RockpoolError as error:
            print(error, file=sys.stderr)
            os._exit(1)
        os._exit(0)

    def accident(self, what: str, name: str) -> None:
        """Let something happen to a workspace, if it can."""
        box = names.container(name)
        argv = {
            "end": (*PODMAN, "kill", box),
            "pause": (*PODMAN, "pause", box),
            "rm": (*PODMAN, "rm", "--force", "--time=0", box),
            "restart": (*PODMAN, "update", "--restart=no", box),
        }.get(what, API)
        done = subprocess.run(argv, capture_output=True, timeout=120, check=False)
        self.accidents += done.returncode == 0


def main(seed: int, steps: int, images: list[str]) -> None:
    """Walk and tell."""
    machine = Machine(seed)
    walk = Walk(machine, seed, images)
    for number in range(steps):
        walk.go()
        print(f"{number + 1} of {steps}", file=sys.stderr, flush=True)
    arrived = walk.arrive(ATTEMPTS)
    counted = {key: getattr(machine, key) for key in ("plans", "kills", "failures", "accidents")}
    print(json.dumps({"left": arrived.left, "orphans": orphans(arrived), **counted}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
