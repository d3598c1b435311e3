"""The root VM that runs now, as testinfra sees it: one ssh connection for all checks."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import testinfra

from rockpool.execute import machine, process


@pytest.fixture(scope="session")
def ssh_config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Share one connection: under emulation the login costs more than most checks."""
    name = os.environ.get("ROCKPOOL_MACHINE", "root")
    found, _ = machine.whole(name)
    # Short, because a socket's path may have 107 bytes.
    socket = tmp_path_factory.mktemp("s") / "c"
    config = tmp_path_factory.mktemp("config") / "ssh_config"
    shared = f"Host *\n  ControlMaster auto\n  ControlPath {socket}\n  ControlPersist 60\n"
    config.write_text((found.path / "ssh_config").read_text() + shared)
    yield config
    process.run(("ssh", "-F", str(config), "-O", "exit", name), seconds=20)


@pytest.fixture(scope="session")
def host(ssh_config: Path) -> Any:
    """Return testinfra's host: the root VM, as root."""
    name = os.environ.get("ROCKPOOL_MACHINE", "root")
    return testinfra.get_host(f"ssh://{name}", ssh_config=str(ssh_config), timeout=60)
