"""The verbs' program, without systemd, Podman and user namespaces: what it accepts, says and refuses."""

import json
import os
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rockpool.guest import wsctl

PROGRAM = Path(wsctl.__file__)
US = 5001

CONTAINER = {
    "Id": "c1",
    "Names": ["ws-demo"],
    "Labels": {"rockpool.workspace": "demo", "rockpool.user": "5001", "other": "x"},
}
DETAILS = {
    "Name": "ws-demo",
    "Image": "f00",
    "State": {"Status": "running"},
    "Config": {"Labels": CONTAINER["Labels"]},
    "HostConfig": {
        "RestartPolicy": {"Name": "always"},
        "Memory": 4096,
        "MemorySwap": 4096,
        "NanoCpus": 1_500_000_000,
        "CpuQuota": 0,
        "CpuPeriod": 0,
        "PidsLimit": 64,
    },
}


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, tuple[int, object]]]:
    """Serve an HTTP API on a Unix socket: the answers by the beginning of their path."""
    given: dict[str, tuple[int, object]] = {}

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            path = self.rfile.readline().split()[1].decode()
            status, body = next((given[start] for start in given if path.startswith(start)), (404, {}))
            self.wfile.write(f"HTTP/1.0 {status} X\r\n\r\n{json.dumps(body)}".encode())

    api = tmp_path / "api.sock"
    monkeypatch.setattr(wsctl, "API", str(api))
    with socketserver.ThreadingUnixStreamServer(str(api), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield given
        server.shutdown()


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the files of whoever runs this test be those of workspace user US."""
    for name in ("HOMES", "KEPT", "ROUTES"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(wsctl, name, str(tmp_path / name))
    monkeypatch.setattr(wsctl, "SUBORDINATE", os.getuid() - US)
    return tmp_path / "HOMES"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stay in this user namespace, in which nothing can be given to another user."""

    def directly(act: Callable[[], None]) -> None:
        act()

    monkeypatch.setattr(wsctl, "inside", directly)
    monkeypatch.setattr(os, "chown", lambda *_: None)


@pytest.mark.parametrize(
    "verb",
    [
        "",
        "survey now",
        "route start demo",
        "route start demo.80",
        "route start demo.ide extra",
        "route start ../x.ide",
        "route start a--b.ide",
        "route restart demo.ide",
        "route start demo.ide\nroute stop demo.ide",
        "route start Demo.ide",
        "home create demo",
        "home create demo 0",
        "home create demo 5001; id",
        "home keep ../demo",
        "home remove .demo",
        "home remove demo-",
        "start caddy",
    ],
)
def test_anything_but_a_verb_is_refused(verb: str) -> None:
    with pytest.raises(wsctl.Failure, match="not a verb"):
        wsctl.do(verb)


def test_a_bad_verb_is_refused_before_anything_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    assert wsctl.ask(["survey", "reboot"]) == 2
    assert capsys.readouterr().err == "wsctl: not a verb: 'reboot'\n"


def test_a_connection_is_served_up_to_the_first_failure() -> None:
    argv = [sys.executable, "-IS", str(PROGRAM), "--serve"]
    done = subprocess.run(argv, input="poweroff\nsurvey\n", capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "error not a verb: 'poweroff'\n"


def test_the_client_tells_the_reason_of_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wsctl, "SOCKET", str(tmp_path / "s"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"ok {}\nerror disk full\n")

        thread = threading.Thread(target=answer)
        thread.start()
        code = wsctl.ask(["survey", "home create demo 5001"])
        thread.join()
    said = capsys.readouterr()
    assert (code, said.out, said.err) == (1, "{}\n", "wsctl: cannot home create demo 5001: disk full\n")


def test_survey_describes_containers_by_what_they_are_now(answers: dict[str, tuple[int, object]]) -> None:
    answers["/v5.0.0/libpod/containers/json"] = (200, [CONTAINER, {"Id": "c2", "Names": ["db"], "Labels": None}])
    answers["/v5.0.0/libpod/containers/c1/json"] = (200, DETAILS)
    assert wsctl.containers() == [
        {
            "name": "demo",
            "container": "ws-demo",
            "owned": True,
            "state": "running",
            "image": "f00",
            "labels": {"rockpool.workspace": "demo", "rockpool.user": "5001"},
            "restart": "always",
            "memory": 4096,
            "swap": 4096,
            "cpus": 1.5,
            "pids": 64,
        }
    ]


def test_a_container_with_our_name_and_no_label_is_not_ours(answers: dict[str, tuple[int, object]]) -> None:
    answers["/v5.0.0/libpod/containers/json"] = (200, [{"Id": "c1", "Names": ["ws-demo"], "Labels": None}])
    answers["/v5.0.0/libpod/containers/c1/json"] = (200, {**DETAILS, "Config": {}})
    (found,) = wsctl.containers()
    assert (found["name"], found["owned"]) == ("demo", False)


def test_podmans_refusal_is_a_failure(answers: dict[str, tuple[int, object]]) -> None:
    answers["/v5.0.0/libpod/containers/json"] = (500, {"cause": "database is locked"})
    with pytest.raises(wsctl.Failure, match="database is locked"):
        wsctl.containers()


def test_a_home_is_made_whole_and_only_once(homes: Path, here: None) -> None:
    (homes / ".demo.new").mkdir()
    wsctl.do(f"home create demo {US}")
    (homes / "demo" / "file").touch()
    wsctl.do(f"home create demo {US}")
    assert [path.name for path in homes.iterdir()] == ["demo"]
    assert (homes / "demo" / "file").exists()
    assert (homes / "demo").stat().st_mode & 0o777 == 0o700


def test_no_two_homes_belong_to_one_user(homes: Path, here: None) -> None:
    wsctl.do(f"home create demo {US}")
    with pytest.raises(wsctl.Failure, match="user 5001 belongs to the home of demo"):
        wsctl.do(f"home create other {US}")
    with pytest.raises(wsctl.Failure, match="belongs to user 5001, not 5002"):
        wsctl.do(f"home create demo {US + 1}")


def test_a_kept_home_keeps_its_user(homes: Path, here: None, answers: dict[str, tuple[int, object]]) -> None:
    answers["/v5.0.0/libpod/containers/json"] = (200, [])
    wsctl.do(f"home create demo {US}")
    wsctl.do("home keep demo")
    wsctl.do("home keep demo")
    assert list(homes.iterdir()) == []
    assert list(wsctl.kept().values()) == [US]
    with pytest.raises(wsctl.Failure, match="belongs to the home of demo"):
        wsctl.do(f"home create other {US}")


def test_a_home_in_use_stays(homes: Path, here: None, answers: dict[str, tuple[int, object]]) -> None:
    answers["/v5.0.0/libpod/containers/json"] = (200, [CONTAINER])
    answers["/v5.0.0/libpod/containers/c1/json"] = (200, DETAILS)
    wsctl.do(f"home create demo {US}")
    for act in ("keep", "remove"):
        with pytest.raises(wsctl.Failure, match="still uses its home"):
            wsctl.do(f"home {act} demo")
    assert (homes / "demo").is_dir()


def test_a_removal_that_was_killed_is_finished(homes: Path, here: None, answers: dict[str, tuple[int, object]]) -> None:
    answers["/v5.0.0/libpod/containers/json"] = (200, [])
    (homes / ".demo.gone" / "deep").mkdir(parents=True)
    wsctl.do("home remove demo")
    assert list(homes.iterdir()) == []


def test_a_user_outside_the_range_is_refused(homes: Path) -> None:
    for user in ("1000", "5000", "65001"):
        with pytest.raises(wsctl.Failure, match="not from 5001 to 65000"):
            wsctl.do(f"home create demo {user}")


def test_a_route_is_up_when_it_has_both_files(homes: Path) -> None:
    routes = Path(wsctl.ROUTES)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(routes / "demo.ide.sock"))
        assert not wsctl.is_marked("demo.ide")
        (routes / "demo.ide").touch()
        assert wsctl.is_marked("demo.ide")
    (routes / "demo.ide").unlink()
    (routes / "demo.ide").symlink_to(routes / "demo.ide.sock")
    assert not wsctl.is_marked("demo.ide")


def test_waiting_for_a_route_takes_any_answer_but_a_servers_fault(
    homes: Path, answers: dict[str, tuple[int, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wsctl, "ROUTE_ANSWERS_WITHIN", 0.05)
    monkeypatch.setattr(wsctl, "caller_left", lambda _: False)
    Path(wsctl.ROUTES, "demo.ide.sock").symlink_to(wsctl.API)
    wsctl.do("route wait demo.ide")
    answers["/healthz"] = (503, {})
    with pytest.raises(wsctl.Failure, match="it answers 503"):
        wsctl.do("route wait demo.ide")
