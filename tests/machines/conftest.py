"""The root VM that runs now, as testinfra sees it: one ssh connection for all checks."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import testinfra

from rockpool.execute import machine, process
from tests.bed import site


@pytest.fixture(scope="package")
def name(request: pytest.FixtureRequest) -> Iterator[str]:
    """The machine that `host.verify` names, or one that is restored for these tests."""
    if named := os.environ.get("ROCKPOOL_MACHINE"):
        yield named
        return
    with site.site(request.getfixturevalue("deployed")) as installation:
        yield installation.name


@pytest.fixture(scope="package")
def ssh_config(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Share one connection: under emulation the login costs more than most checks."""
    found, _ = machine.whole(name)
    # Short, because a socket's path may have 107 bytes.
    socket = tmp_path_factory.mktemp("s") / "c"
    config = tmp_path_factory.mktemp("config") / "ssh_config"
    shared = f"Host *\n  ControlMaster auto\n  ControlPath {socket}\n  ControlPersist 60\n"
    config.write_text((found.path / "ssh_config").read_text() + shared)
    yield config
    process.run(("ssh", "-F", str(config), "-O", "exit", name), seconds=20)


@pytest.fixture(scope="package")
def host(name: str, ssh_config: Path) -> Any:
    """Return testinfra's host: the root VM, as root."""
    found = testinfra.get_host(f"ssh://{name}", ssh_config=str(ssh_config), timeout=60)
    found.run("timeout 300 systemctl is-system-running --wait")  # what is still starting is no fault
    return found
