"""The control plane of the running root VM: who reaches it, and what it reaches."""

from typing import Any

import pytest

from .sandbox import exposure, probe

pytestmark = pytest.mark.vm

SOCKET = "/run/rockpool/api/api.sock"
STATE = "/var/lib/rockpool/control"
REPORT = "/etc/rockpool/report.json"
HEALTH = f"curl -fsS --max-time 60 --unix-socket {SOCKET} http://d/healthz"
UNITS = ("rockpool-migrate.service", "rockpool-api.service", "rockpool-worker.service")
OUTSIDE = ("/run/rockpool/podman/podman.sock", "/run/rockpool/wsctl/wsctl.sock", "/run/caddy/admin.sock", SOCKET)

PROBE = f"""
said() {{ if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi; }}
ask() {{ said curl -sf --noproxy '*' --max-time 20 "$@"; }}
echo "own_state $(said sh -c 'head -c 1 {STATE}/control.db && : >>{STATE}/control.db')"
echo "queue $(ask 'http://127.0.0.1:9324/?Action=ListQueues')"
echo "podman $(ask --unix-socket /run/rockpool/podman/podman.sock http://d/_ping)"
echo "verbs $(said /usr/lib/rockpool/wsctl survey)"
echo "routes $(said ls /run/rockpool/routes/)"
echo "api $(ask --unix-socket {SOCKET} http://d/healthz)"
echo "journal $(said journalctl --quiet --lines=1 --unit=rockpool-api.service --grep=.)"
echo "caddy_admin $(said test -e /run/caddy/admin.sock)"
echo "caddy_config $(said ls /etc/caddy/)"
echo "others_state $(said ls /var/lib/rockpool/caddy /var/lib/rockpool/elasticmq)"
echo "homes $(said ls /var/lib/rockpool-ws/homes/)"
echo "shadow $(said cat /etc/shadow)"
echo "settings_written $(said sh -c ': >>/etc/rockpool/control.json')"
echo "report_written $(said sh -c ': >>{REPORT}')"
echo "code_written $(said touch /usr/lib/rockpool/control/x)"
echo "writes $(said touch /etc/x /usr/x /run/x)"
echo "listens $(said python3 -c 'import socket; socket.create_server(("127.0.0.1", 18765))')"
"""

MAY = {
    "rockpool-migrate.service": {"own_state"},
    "rockpool-api.service": {"own_state", "queue", "journal", "api"},
    "rockpool-worker.service": {"own_state", "queue", "podman", "verbs", "routes"},
}
"""What each unit reaches of all that its probe tries."""

MOST_EXPOSED = {"rockpool-migrate.service": 0.7, "rockpool-api.service": 1.1, "rockpool-worker.service": 1.5}


def as_caddy(host: Any, command: str) -> Any:
    return host.run(f"setpriv --reuid=caddy --regid=caddy --init-groups {command}")


@pytest.mark.parametrize("unit", ["rockpool-api.socket", *UNITS])
def test_it_runs_and_starts_at_boot(host: Any, unit: str) -> None:
    assert host.service(unit).is_running
    assert host.service(unit).is_enabled


def test_the_api_answers_caddy(host: Any) -> None:
    told = as_caddy(host, HEALTH)
    assert told.stdout == "ok\n", told.stderr


@pytest.mark.parametrize("user", ["rockpool-ws", "rockpool-worker", "elasticmq", "nobody"])
def test_nobody_else_reaches_the_api(host: Any, user: str) -> None:
    assert host.run(
        f"setpriv --reuid={user} --regid={user.replace('nobody', 'nogroup')} --clear-groups {HEALTH}"
    ).failed


@pytest.mark.parametrize("user", ["caddy", "rockpool-ws", "elasticmq", "nobody"])
def test_the_database_is_closed_to_others(host: Any, user: str) -> None:
    database = host.file(f"{STATE}/control.db")
    assert (database.group, database.mode & 0o007) == ("rockpool-control", 0)
    group = user.replace("nobody", "nogroup")
    assert host.run(f"setpriv --reuid={user} --regid={group} --init-groups ls {STATE}").failed


@pytest.mark.parametrize("user", ["rockpool-api", "rockpool-worker"])
def test_a_service_runs_as_its_user(host: Any, user: str) -> None:
    pid = host.check_output("systemctl show %s.service --property=MainPID --value", user)
    lines = host.check_output("cat /proc/%s/status", pid).splitlines()
    held = dict(line.split(":\t") for line in lines if ":\t" in line)
    assert set(held["Uid"].split()) == {str(host.user(user).uid)}
    assert {held[name] for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (held["NoNewPrivs"], held["Seccomp"]) == ("1", "2")


@pytest.mark.parametrize("unit", UNITS)
def test_it_is_hardened(host: Any, unit: str) -> None:
    assert exposure(host, unit) <= MOST_EXPOSED[unit]


@pytest.mark.parametrize("unit", UNITS)
def test_it_reaches_what_it_needs_and_nothing_else(host: Any, unit: str) -> None:
    assert [path for path in OUTSIDE if not host.file(path).exists] == []  # the control: outside all of it is there
    told = probe(host, unit, PROBE)
    assert {name for name, said in told.items() if said == "yes"} == MAY[unit], told


def test_the_report_of_the_host_is_for_reading(host: Any) -> None:
    """It is there once this host has deployed or looked for drift."""
    told = host.run("stat -c '%%U %%a' %s", REPORT)
    assert told.stdout in ("", "root 644\n")
    assert host.run("setpriv --reuid=rockpool-api --clear-groups test -w %s", REPORT).failed
