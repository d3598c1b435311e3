"""Which accelerator works here. Only a boot tells: a KVM that opens may still stop the guest at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from rockpool.execute.machine.directory import Directory
from rockpool.execute.machine.program import Program

FILE = "boot.json"


def candidates(machine: Directory, program: Program) -> tuple[str, ...]:
    """Return the accelerators to try, best first."""
    return choose(machine.json(FILE), program, kvm=_kvm_opens())


def choose(remembered: Mapping[str, Any], program: Program, *, kvm: bool) -> tuple[str, ...]:
    """Return what worked last time on this very QEMU and kernel, else everything worth a try."""
    if remembered == remember(program, "tcg") or not kvm:
        return ("tcg",)
    return ("kvm", "tcg")


def remember(program: Program, accelerator: str) -> dict[str, Any]:
    """Return what is noted about an accelerator that worked."""
    return {"accelerator": accelerator, "qemu": program.version_text, "kernel": program.kernel}


def _kvm_opens() -> bool:
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC))
    except OSError:
        return False
    return True
