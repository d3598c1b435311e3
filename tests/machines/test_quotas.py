"""Quotas of workspaces, on the machine that runs."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.vm

DISK = "/var/lib/rockpool-ws"


def test_home_and_layer_are_limited(host: Any) -> None:
    told = json.loads(host.check_output("/usr/lib/rockpool/wsctl survey"))
    (demo,) = (one for one in told["containers"] if one["name"] == "demo")
    limit = json.loads(demo["labels"]["rockpool.spec"])["disk"]
    # A limit beyond the size of the disk shows as none.
    assert demo["disk"] == told["homes"]["demo"]["disk"]
    assert f"#{told['homes']['demo']['user']} " in host.check_output(f"xfs_quota -x -c 'report -p -N' {DISK}"), limit


def test_nothing_counts_for_nobody_or_another(host: Any) -> None:
    told = host.run(f"xfs_io -r -c 'lsproj -R' {DISK}/homes/demo").stdout  # sockets cannot be opened, and fail it
    user = json.loads(host.check_output("/usr/lib/rockpool/wsctl survey"))["homes"]["demo"]["user"]
    assert {line.split()[0] for line in told.splitlines()} == {f"[{user}]"}


@pytest.mark.parametrize("user", ["caddy", "rockpool-worker", "rockpool-api", "nobody"])
def test_nobody_but_who_runs_workspaces_asks_for_limits(host: Any, user: str) -> None:
    assert host.run(f"setpriv --reuid={user} --clear-groups ls /run/rockpool/quota").rc != 0
    assert host.run("setpriv --reuid=rockpool-ws --regid=rockpool-ws --init-groups ls /run/rockpool/quota").rc == 0


def test_kept_homes_are_looked_after(host: Any) -> None:
    timer = "systemctl --user --machine=rockpool-ws@ is-active rockpool-purge.timer"
    assert host.check_output(timer) == "active"
