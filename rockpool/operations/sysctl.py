"""Kernel parameters that hold now and after a boot."""

from __future__ import annotations

import hashlib

from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.facts.script import Commands, argv, script
from rockpool.facts.sysctl import Sysctl


@operation()
def present(values: dict[str, str], *, file: str) -> Commands:
    """Kernel parameters with these values, live and in `file` (`/etc/sysctl.d/….conf`), which is ours alone."""
    current = host.get_fact(Sysctl, keys=tuple(sorted(values)), file=file)
    text = "".join(f"{key} = {values[key]}\n" for key in sorted(values))
    same_file = current.file == hashlib.sha256(text.encode()).hexdigest()
    if not same_file:
        yield script("write", file, "644", "root", "root", str(len(text.encode())), stdin=text)
    if any(current.live.get(key) != value for key, value in values.items()):
        yield argv("/usr/lib/systemd/systemd-sysctl", file)
    elif same_file:
        host.noop(f"{len(values)} kernel parameters are as wanted")
