"""Routes into workspaces, on the machine that runs."""

from typing import Any

import pytest

pytestmark = pytest.mark.vm

WSCTL = "/usr/lib/rockpool/wsctl"
GET = "curl -sS --max-time 20 -o /dev/null -w %{http_code} --unix-socket /run/rockpool/routes/demo.ide.sock http://d/healthz"


def as_user(host: Any, user: str, command: str) -> Any:
    return host.run(f"setpriv --reuid={user} --regid={user} --init-groups {command}")


def test_caddy_reaches_the_ide_by_its_route(host: Any) -> None:
    told = as_user(host, "caddy", GET)
    assert told.stdout == "200", told.stderr


@pytest.mark.parametrize("user", ["rockpool-worker", "rockpool-api", "elasticmq", "nobody"])
def test_nobody_else_reaches_a_route(host: Any, user: str) -> None:
    assert host.run(f"setpriv --reuid={user} --clear-groups {GET}").rc != 0


def test_a_marker_says_that_the_route_is_up(host: Any) -> None:
    assert host.file("/run/rockpool/routes/demo.ide").is_file
    assert host.file("/run/rockpool/routes/demo.ide.sock").is_socket


def test_the_proxy_has_no_capability_and_no_way_to_one(host: Any) -> None:
    assert as_user(host, "caddy", GET).stdout == "200"
    status = host.check_output("cat /proc/$(pgrep -fo systemd-socket-proxyd.*127.0.0.1)/status")
    held = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
    assert {held[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert held["NoNewPrivs"] == "1"


def test_a_route_is_one_process_that_ends_with_its_container(host: Any) -> None:
    assert as_user(host, "caddy", GET).stdout == "200"
    unit = "systemctl --user --machine=rockpool-ws@"
    group = host.check_output(f"{unit} show rockpool-route@demo.ide.service --property=ControlGroup --value")
    assert len(host.file(f"/sys/fs/cgroup{group}/cgroup.procs").content_string.split()) == 1
    (tie,) = host.check_output(f"{unit} list-units --plain --no-legend 'tie.demo.ide.*'").splitlines()
    told = host.check_output(f"{unit} show {tie.split()[0]} --property=BindsTo,PropagatesStopTo")
    assert "PropagatesStopTo=rockpool-route@demo.ide.service" in told
    assert "BindsTo=libpod-" in told


def test_the_worker_may_ask_for_verbs_and_nothing_else(host: Any) -> None:
    assert as_user(host, "rockpool-worker", f"{WSCTL} survey").rc == 0
    said = as_user(
        host,
        "rockpool-worker",
        "python3 -c \"import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/rockpool/wsctl/wsctl.sock');"
        " s.sendall(b'route start ../x.ide\\n'); s.shutdown(1); print(s.makefile().read())\"",
    )
    assert said.stdout.startswith("error not a verb")


@pytest.mark.parametrize("user", ["caddy", "rockpool-api", "nobody"])
def test_nobody_else_may_ask_for_verbs(host: Any, user: str) -> None:
    assert host.run(f"setpriv --reuid={user} --clear-groups {WSCTL} survey").rc != 0
