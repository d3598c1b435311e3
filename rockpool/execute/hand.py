"""Carries out steps on this machine: the worker's hand, as pyinfra is the host's."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from rockpool import names
from rockpool.errors import DeadlinePassed, RockpoolError, StepFailed
from rockpool.execute import child, files
from rockpool.execute.child import Gone
from rockpool.execute.machine.until import until
from rockpool.execute.wsctl import Wsctl
from rockpool.secret import Secret
from rockpool.step import Run, Step, Steps, Wait, Write

Tell = Callable[[Step, str], None]
Stop = Callable[[], bool]

END_WITHIN = 6.0
"""Seconds that a step may still take once the caller wants to stop: then it is ended, and it may run again."""


def never() -> bool:
    """Say that nobody wants to stop."""
    return False


class Hand:
    """Does steps in turn; verbs of wsctl go over one connection, everything else is a process."""

    def __init__(self, socket: str = names.WSCTL_SOCKET) -> None:
        self._socket = socket

    def ask(self, step: Run, *, stop: Stop = never) -> str:
        """Return what one command prints. Raises StepFailed, DeadlinePassed, HostNotReady."""
        with _Plan(self._socket, lambda _step, _text: None, stop) as plan:
            return plan.run(step)

    def carry_out(self, steps: Steps, tell: Tell, *, stop: Stop = never) -> bool:
        """Do each step in turn and return whether all are done: False when `stop` came before the end.

        `tell` gets each step with its `why`, then each line of its progress. The first that fails ends it: raises
        StepFailed, DeadlinePassed, HostNotReady.
        """
        with _Plan(self._socket, tell, stop) as plan:
            for step in steps:
                if stop():
                    return False
                tell(step, step.why)
                try:
                    plan.do(step)
                except Gone:
                    return False
        return True


class _Plan:
    """One plan that is carried out."""

    def __init__(self, socket: str, tell: Tell, stop: Stop) -> None:
        self._verbs, self._tell, self._stop = Wsctl(socket), tell, stop
        self._stopped_at = 0.0

    def __enter__(self) -> _Plan:
        return self

    def __exit__(self, *_: object) -> None:
        self._verbs.close()

    def do(self, step: Step) -> None:
        try:
            if isinstance(step, Write):
                _write(step)
            elif isinstance(step, Wait):
                self._wait(step)
            else:
                self.run(step)
        except RockpoolError as error:
            if isinstance(step, Run) and not step.required:
                self._tell(step, f"{step.why}: failed, which may be: {error.why or error.what}")
                return
            fix = error.fix or (step.fix if isinstance(step, Run) else "")
            if isinstance(error, StepFailed):
                raise StepFailed(f"cannot {step.why}", why=error.why, fix=fix) from error
            if isinstance(error, DeadlinePassed):
                raise DeadlinePassed(f"gave up: {step.why}", why=error.why or error.what, fix=fix) from error
            raise

    def run(self, step: Run) -> str:
        if step.argv[0] == names.WSCTL:
            return self._verbs.ask(step.argv[1:], seconds=step.seconds, gone=self._gone)
        stdin = step.stdin.reveal() if isinstance(step.stdin, Secret) else step.stdin
        return child.run(
            step.argv, stdin=stdin, seconds=step.seconds, tell=lambda line: self._tell(step, line), gone=self._gone
        )

    def _wait(self, step: Wait) -> None:
        told = ""
        for left in until(step.seconds, 0.2):
            try:
                self.run(Run(argv=step.argv, why=step.why, seconds=left))
            except StepFailed as error:
                told = error.why
                if self._gone():
                    raise Gone from None
            else:
                return
        raise DeadlinePassed(f"gave up after {step.seconds:g} s", why=told)

    def _gone(self) -> bool:
        """Say that the time is over which a step has for its end."""
        if not self._stop():
            return False
        self._stopped_at = self._stopped_at or time.monotonic()
        return time.monotonic() - self._stopped_at > END_WITHIN


def _write(step: Write) -> None:
    content = step.content.reveal() if isinstance(step.content, Secret) else step.content
    files.write(Path(step.path), content, mode=step.mode)
