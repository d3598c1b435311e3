"""`caddy.configuration`: the wish is on the host and what runs is in the machine, so the cases are made here."""

import hashlib
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from rockpool.caddy.config import fingerprint, render
from rockpool.caddy.settings import Settings
from rockpool.facts.script import code
from rockpool.secret import Secret

with patch("gevent.monkey.patch_all"):  # pyinfra_cli, which it imports, would change sockets for every test
    from pyinfra.context import ctx_host, ctx_state
    from pyinfra_testing.util import FakeState, create_host, get_command_string

from rockpool.operations import caddy

HASH = Secret("$2b$04$" + "a" * 53)
URLS = {"app": "http://localhost:18080"}
WANTED = Settings.for_urls(URLS, HASH)
TEXT = render(WANTED).reveal()
SAME = {
    "kind": "file",
    "mode": "640",
    "user": "root",
    "group": "caddy",
    "content": hashlib.sha256(TEXT.encode()).hexdigest(),
}
RELOAD = "caddy reload --config /etc/caddy/caddy.json --address unix//run/caddy/admin.sock"


@pytest.fixture
def password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path))
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "secrets/admin.json").touch(mode=0o600)
    row = {"user": "admin", "password": "secret", "bcrypt": HASH.reveal()}
    (tmp_path / "secrets/admin.json").write_text(json.dumps(row))


def commands(file: dict[str, str] | None, live: str | None, urls: dict[str, str] = URLS) -> list[Any]:
    facts = {
        "files.Path": {"path=/etc/caddy/caddy.json": file},
        "caddy.LiveConfig": {"socket=/run/caddy/admin.sock": live},
    }
    state = FakeState()
    with ctx_state.use(state), ctx_host.use(create_host(state, facts=facts)):
        return list(caddy.configuration._inner(urls=urls))


@pytest.mark.usefixtures("password")
def test_file_and_running_configuration_as_wanted_are_left_alone() -> None:
    assert commands(SAME, fingerprint(WANTED)) == []


@pytest.mark.usefixtures("password")
def test_before_caddy_runs_only_the_file_is_written() -> None:
    (write,) = commands(None, None)
    told = get_command_string(write)
    assert told.startswith("sh -c")
    assert code("write").splitlines()[0] in told
    assert told.endswith(f"/etc/caddy/caddy.json 640 root caddy {len(TEXT.encode())} caddy validate --config '{{}}'")
    assert write.connector_arguments["_stdin"] == TEXT
    assert HASH.reveal() not in told


@pytest.mark.usefixtures("password")
def test_another_running_configuration_is_replaced_after_the_file() -> None:
    write, load = commands({**SAME, "content": "old"}, "old")
    assert "caddy.json 640" in get_command_string(write)
    assert get_command_string(load) == RELOAD


@pytest.mark.usefixtures("password")
def test_a_deploy_that_was_killed_before_it_loaded_heals() -> None:
    (load,) = commands(SAME, "old")
    assert get_command_string(load) == RELOAD


@pytest.mark.usefixtures("password")
def test_wrong_urls_are_refused_by_a_command_that_fails() -> None:
    (refused,) = commands(SAME, None, {"app": "localhost"})
    assert "`app.url` must be http(s)://HOST[:PORT]" in get_command_string(refused)


def test_before_the_password_is_made_the_plan_shows_and_fails_when_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path))
    (refused,) = commands(None, None)
    assert "there is no password yet" in get_command_string(refused)
