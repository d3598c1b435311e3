"""The root VM that runs now, as testinfra sees it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import testinfra

from rockpool.execute import machine
from tests.bed import connection, site


@pytest.fixture(scope="package")
def name(request: pytest.FixtureRequest) -> Iterator[str]:
    """The machine that `host.verify` names, or one that is restored for these tests."""
    if named := os.environ.get("ROCKPOOL_MACHINE"):
        yield named
        return
    with site.site(request.getfixturevalue("deployed")) as installation:
        yield installation.name


@pytest.fixture(scope="package")
def host(name: str) -> Iterator[Any]:
    """Return testinfra's host: the root VM, as root."""
    there, _ = machine.whole(name)
    config, control = str(there.path / "ssh_config"), str(connection.socket(there))
    found = testinfra.get_host(f"ssh://{name}", ssh_config=config, controlpath=control, timeout=60)
    found.run("timeout 300 systemctl is-system-running --wait")  # what is still starting is no fault
    yield found
    connection.end(there)
