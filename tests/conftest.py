"""What tests of real machines share: one deployed machine a run, saved once, and machines restored from it.

The bed has a home, ports and machines of its own, beside the user's. A run that was killed leaves nothing that the next
one does not end first; two runs at once are refused.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rockpool.execute import image, lock, settings
from rockpool.execute.image.recipes import PACKAGES
from rockpool.execute.progress import stage
from tests.bed import lanes, namespace, saved, shared, site, small
from tests.bed.guest import Guest
from tests.bed.namespace import Namespace
from tests.bed.site import Site

# A shell's background job ignores Ctrl-C, and so would all that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def bed() -> Iterator[Path]:
    """The bed's home, empty of machines before and after, as `ROCKPOOL_HOME`."""
    before, home = os.environ.get("ROCKPOOL_HOME"), lanes.make_home()
    os.environ["ROCKPOOL_HOME"] = str(home)
    try:
        with lock.hold(home / "bed.lock", "test on real machines"):
            _clean()
            yield home
            _clean()
    finally:
        os.environ.pop("ROCKPOOL_HOME")
        if before is not None:
            os.environ["ROCKPOOL_HOME"] = before


KEEP = "ROCKPOOL_TEST_KEEP"
"""Set it while you work on tests: the saved machine is used again. It is as old as its deploy."""


def _clean() -> None:
    site.clean()
    saved.clean(keep=shared.SAVED if KEEP in os.environ else ())


@pytest.fixture(scope="session")
def deployed(bed: Path, pytestconfig: pytest.Config) -> Iterator[str]:
    """The name of a machine that is deployed, saved and off: restored machines lie over its disks."""
    if KEEP in os.environ and saved.is_saved("root"):
        yield "root"
        return
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():  # minutes of silence look like a hang
        print(file=sys.stderr)
        with stage("have the images"), lanes.alone("build"):
            image.build((settings.machine().image, *PACKAGES))
            small.archive()
        with lanes.alone("deploy"):
            place = lanes.published()
            if place and place.exists():
                with stage("take over the machine that the other lane deployed"):
                    name, mine = shared.take_over(place, _tell), None
            else:
                name, mine = _deploy(), place
                if mine:
                    shared.publish(mine)
    yield name
    if mine:
        with lanes.alone("deploy"):
            shared.withdraw(mine)


def _deploy() -> str:
    with stage("deploy the machine that the tests restore"):
        name = saved.deployed(_tell)
    with stage("save it, with an image for tests in it"):
        small.load(saved.guest(name))
        saved.save(name)
    return name


def _tell(line: str) -> None:
    print(f"{lanes.LANE}{line}", file=sys.stderr, flush=True)


@pytest.fixture
def vm(deployed: str) -> Iterator[Guest]:
    """A machine of the test's own, as it was after the deploy but for the image `small`."""
    with saved.restored("restored", deployed) as guest:
        yield guest


@pytest.fixture
def own_site(deployed: str) -> Iterator[Site]:
    """An installation of the test's own."""
    with site.site(deployed) as installation:
        yield installation


@pytest.fixture(scope="module")
def shared_site(deployed: str) -> Iterator[Site]:
    """An installation that the module's tests share; they leave it as it was."""
    with site.site(deployed) as installation:
        yield installation


@pytest.fixture(scope="module")
def closed(bed: Path) -> Iterator[Namespace]:
    """A network with no way out."""
    with namespace.closed(bed) as closed:
        yield closed


@pytest.fixture(scope="module")
def isolated(deployed: str, closed: Namespace) -> Iterator[Guest]:
    """A machine of the module's own in the closed network, its workspace with a public IPv6 address."""
    with saved.restored("isolated", deployed, closed) as guest:
        guest.sh(_NEW_PREFIX)
        guest.run(*guest.podman("restart", "--time", "0", guest.container))
        yield guest


_NEW_PREFIX = """
networkctl reconfigure "$(ip -o route show default | sed -n '1s/.* dev \\([^ ]*\\).*/\\1/p')"
until ip -6 -o address show scope global -tentative | grep -q 2001:db8:5:; do sleep 0.2; done
"""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the deploy. Meanwhile the other lane has files that need nothing, and then those that need images.

    After that the longest come first, so that both lanes end at about the same time.
    """
    first = next((item.path for item in items if _takes_root_vm(item)), None)
    waits: dict[Path, int] = {}
    for item in items:
        waits[item.path] = max(waits.get(item.path, 0), _waits(item))
    items.sort(key=lambda item: (item.path != first, waits[item.path], item.path.name not in LONG))


LONG = ("test_deploy.py", "test_survival.py", "test_ide.py", "test_drift.py")
"""Files that take minutes."""


def _waits(item: pytest.Item) -> int:
    """Say how long others have to be at work before a test can begin: for nothing, for the images, for the deploy."""
    return 2 if _takes_root_vm(item) else int(item.get_closest_marker("image") is not None)


def _takes_root_vm(item: pytest.Item) -> bool:
    return item.path.parent.name in ("e2e", "machines")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what tests noted by `record_property`: the figures that a proof is kept for."""
    noted = [
        f"{report.nodeid}: {key}: {value}"
        for report in terminalreporter.stats.get("passed", [])
        for key, value in report.user_properties
    ]
    if noted:
        terminalreporter.section("noted")
        terminalreporter.write("\n".join(noted) + "\n")
