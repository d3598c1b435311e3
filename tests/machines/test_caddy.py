"""The door of the running root VM, from outside and from inside."""

import base64
import http.client
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from deploys.parts.caddy import API_SOCKET
from rockpool.caddy.config import fingerprint
from rockpool.caddy.settings import Settings
from rockpool.execute import secrets, settings

from .sandbox import exposure, probe

pytestmark = [pytest.mark.vm, pytest.mark.usefixtures("name")]

SOCKET = "/run/caddy/admin.sock"
LOCATIONS = [
    ("app", "/", "/app/workspaces"),
    ("app", "/workspace/demo/", "{ide}/workspace/demo/"),
    ("app", "/workspace/demo/port/5173/x", "{preview}/workspace/demo/port/5173/x"),
    ("ide", "/workspace/demo/port/5173/", "{preview}/workspace/demo/port/5173/"),
    ("preview", "/workspace/demo/", "{ide}/workspace/demo/"),
]
PROBE = """
said() { if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi; }
echo "own_state $(said ls /var/lib/rockpool/caddy)"
echo "routes $(said ls /run/rockpool/routes)"
echo "podman $(said curl -sf --max-time 3 --unix-socket /run/rockpool/podman/podman.sock http://d/_ping)"
echo "wsctl $(said test -e /run/rockpool/wsctl/wsctl.sock)"
echo "queue $(said curl -sf --max-time 3 --noproxy '*' http://127.0.0.1:9324/health)"
echo "ssh $(said curl -s --max-time 3 --http0.9 -o /dev/null http://127.0.0.1:22/)"
echo "queue_state $(said ls /var/lib/rockpool/elasticmq)"
echo "homes $(said ls /var/lib/rockpool-ws/homes)"
echo "shadow $(said cat /etc/shadow)"
echo "writes $(said touch /etc/caddy/x /usr/x /run/x)"
"""


def urls() -> dict[str, str]:
    """Return the doors' URLs in the home that is tested."""
    return settings.base_urls(settings.machine())


def ask(door: str, target: str, *, login: bool = True) -> tuple[int, str | None]:
    """Return status and Location of one request from this host."""
    headers = {}
    if login:
        admin = secrets.admin()
        pair = f"{admin.user}:{admin.password.reveal()}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    url = urlsplit(urls()[door])
    connection = http.client.HTTPConnection("127.0.0.1", url.port, timeout=30)
    try:
        connection.putrequest("GET", target)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.headers["Location"]
    finally:
        connection.close()


def test_health_is_open() -> None:
    assert ask("app", "/healthz", login=False)[0] == 200


@pytest.mark.parametrize("door", ["app", "ide", "preview"])
def test_without_the_password_a_door_is_closed(door: str) -> None:
    assert ask(door, "/workspace/demo/", login=False)[0] == 401


@pytest.mark.parametrize(("door", "target", "location"), LOCATIONS)
def test_a_wrong_port_redirects(door: str, target: str, location: str) -> None:
    assert ask(door, target) == (307, location.format(**urls()))


@pytest.mark.parametrize("door", ["app", "ide", "preview"])
def test_unknown_paths_are_404_and_odd_ones_400(door: str) -> None:
    assert ask(door, "/nothing")[0] == 404
    assert ask(door, "/workspace/other/../demo/")[0] == 400


def test_caddy_runs_and_starts_at_boot(host: Any) -> None:
    for unit in ("caddy.socket", "caddy.service"):
        assert host.service(unit).is_running
        assert host.service(unit).is_enabled
    assert host.check_output("caddy version").startswith("v2.11.9 ")


def test_what_runs_is_what_is_wanted(host: Any) -> None:
    admin = secrets.admin()
    live = host.check_output('printf %%s "$(curl -fsS --unix-socket %s http://localhost/config/)" | sha256sum', SOCKET)
    wanted = replace(Settings.for_urls(urls(), admin.bcrypt, admin.user), control_socket=API_SOCKET)
    assert live.split()[0] == fingerprint(wanted)


def test_its_files_are_closed(host: Any) -> None:
    config = host.file("/etc/caddy/caddy.json")
    assert (config.user, config.group, config.mode) == ("root", "caddy", 0o640)
    admin = host.file(SOCKET)
    assert admin.is_socket
    assert (admin.user, admin.mode) == ("caddy", 0o600)


def test_it_is_hardened(host: Any) -> None:
    assert exposure(host, "caddy.service") <= 0.5


def test_it_reaches_routes_and_nothing_else(host: Any) -> None:
    # the control: outside of the sandbox all of it is there
    for path in ("/run/rockpool/podman/podman.sock", "/run/rockpool/wsctl/wsctl.sock", "/var/lib/rockpool/elasticmq"):
        assert host.file(path).exists
    assert host.run("curl -sf --max-time 10 http://127.0.0.1:9324/health").succeeded
    told = probe(host, "caddy.service", PROBE)
    assert told.pop("own_state") == told.pop("routes") == "yes"
    assert set(told.values()) == {"no"}, told


def test_another_user_cannot_open_its_admin_socket(host: Any) -> None:
    ask_admin = "curl -sf --max-time 5 --unix-socket %s http://localhost/config/"
    assert host.run(ask_admin, SOCKET).succeeded
    for user in ("elasticmq", "rockpool-ws", "nobody"):
        assert host.run(f"setpriv --reuid={user} --clear-groups --regid=nogroup {ask_admin}", SOCKET).failed
