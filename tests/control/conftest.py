"""A database of its own for each test, migrated once and copied; a real ElasticMQ, configured as it is deployed."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rockpool.control.migrate import migrate
from rockpool.control.sqlite import FILE
from rockpool.control.store import Store
from rockpool.execute import image
from rockpool.execute.machine.until import until
from tests.bed import lanes

TEMPLATE = Path(__file__).parents[2] / "templates" / "queue" / "queue.conf"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("migrated")
    migrate(state)
    return state


@pytest.fixture
def state(migrated: Path, tmp_path: Path) -> Path:
    directory = tmp_path / "state"
    directory.mkdir()
    shutil.copy(migrated / FILE, directory / FILE)
    return directory


@pytest.fixture
def store(state: Path) -> Iterator[Store]:
    opened = Store(state)
    yield opened
    opened.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "elasticmq" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.image)


@pytest.fixture(scope="session")
def jars(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The jars to test: in `ROCKPOOL_ELASTICMQ`, or in the package that the image build makes."""
    if found := os.environ.get("ROCKPOOL_ELASTICMQ"):
        return Path(found)
    request.getfixturevalue("bed")
    with lanes.alone("build"):
        image.build(("elasticmq",))
    (package,) = image.find("elasticmq").path.glob("*.deb")
    unpacked = tmp_path_factory.mktemp("elasticmq")
    subprocess.run(["dpkg-deb", "-x", str(package), str(unpacked)], check=True, timeout=60)
    return unpacked / "usr/share/rockpool/elasticmq/lib"


@pytest.fixture(scope="module")
def elasticmq(jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running one, empty and without a single message."""
    state, port = tmp_path_factory.mktemp("queue"), _free_port()
    config = TEMPLATE.read_text().replace("{{ port }}", str(port)).replace("{{ state }}", str(state))
    impatient = config.replace("30 seconds", "1 second").replace("maxReceiveCount = 100", "maxReceiveCount = 5")
    (state / "queue.conf").write_text(impatient)
    command = ["java", "-Xmx32m", f"-Dconfig.file={state}/queue.conf", "-cp", f"{jars}/*", "org.elasticmq.server.Main"]
    with (
        (state / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=state) as process,
    ):
        try:
            _wait_until_it_answers(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in until(60, 0.1):
        assert process.poll() is None
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            continue
        finally:
            connection.close()
    pytest.fail("ElasticMQ does not answer")
