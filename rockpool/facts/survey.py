"""The survey of a runtime as a fact: one class a runtime, because a fact's parser gets no arguments."""

from __future__ import annotations

from typing import Any, ClassVar

from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import FactProcessError
from pyinfra.api.facts import FactBase

from rockpool.errors import RockpoolError
from rockpool.facts.program import PROGRAM
from rockpool.facts.script import argv
from rockpool.runtimes.base import Runtime
from rockpool.runtimes.qemu import Qemu


class Survey(FactBase[dict[str, Any]]):
    """Everything a plan of `runtime` may touch, by name."""

    abstract = True
    runtime: ClassVar[Runtime[Any, Any]]

    default = dict

    def command(self) -> StringCommand:
        """Run the runtime's one survey command."""
        return argv(*self.runtime.survey.argv)

    def process(self, output: list[str]) -> dict[str, Any]:
        """Read what it printed; what cannot be read fails the host."""
        try:
            return dict(self.runtime.parse("\n".join(output)))
        except RockpoolError as error:
            raise FactProcessError(str(error)) from error


class QemuMachines(Survey):
    """The machines on this host's QEMU."""

    runtime = Qemu(program=PROGRAM)
