"""What carries requests to a workspace's ports is read from the cgroups of its own routes."""

from __future__ import annotations

from pathlib import Path

from rockpool.control.figures import Cgroups

MANAGER = "user.slice/user-900.slice/user@900.service"
CONTAINER = f"/{MANAGER}/user.slice/libpod-1.scope"


def test_only_its_own_previews_count(tmp_path: Path) -> None:
    seconds = {"demo.5173": 1, "demo.8000": 2, "demo.ide": 4, "demo-two.5173": 8}
    for route, used in seconds.items():
        directory = tmp_path / MANAGER / r"app.slice/app-rockpool\x2droute.slice" / f"rockpool-route@{route}.service"
        directory.mkdir(parents=True)
        (directory / "cpu.stat").write_text(f"usage_usec {used}000000\nuser_usec 0\n")
    assert Cgroups(tmp_path).carried(CONTAINER, "demo") == 3


def test_without_routes_nothing_is_carried(tmp_path: Path) -> None:
    assert Cgroups(tmp_path).carried(CONTAINER, "demo") == 0
    assert Cgroups(tmp_path).carried("", "demo") == 0
