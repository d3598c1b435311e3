"""The configuration as a whole: compared with what Caddy really runs, and kept from drifting by golden files."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import subprocess
from pathlib import Path

import pytest

from rockpool import names
from rockpool.caddy import paths
from rockpool.caddy.config import canonical, config, fingerprint, render
from rockpool.caddy.settings import Entrance, Settings
from rockpool.errors import InputError
from rockpool.secret import Secret

from .conftest import Door

HASH = Secret("$2b$04$" + "a" * 53)


def test_the_live_configuration_is_the_rendered_one(door: Door) -> None:
    live = door.live().rstrip("\n")
    assert live == canonical(config(door.settings))
    assert hashlib.sha256(live.encode()).hexdigest() == fingerprint(door.settings)
    assert json.loads(live) == json.loads(render(door.settings).reveal())


def test_rendering_is_deterministic_and_hides_itself() -> None:
    settings = Settings(password_hash=HASH)
    assert render(settings).reveal() == render(settings).reveal()
    assert HASH.reveal() not in f"{render(settings)!r}{render(settings)}{settings!r}"


def test_the_admin_socket_is_closed_to_others(door: Door) -> None:
    mode = Path(door.settings.admin_socket).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


def test_nothing_is_persisted(door: Door) -> None:
    assert not list(door.directory.rglob("autosave.json"))


def test_a_configuration_of_another_shape_is_refused_before_it_replaces(caddy: str, tmp_path: Path) -> None:
    broken = config(Settings(password_hash=HASH)) | {"apps": {"http": {"servers": {"app": {"routes": "none"}}}}}
    (tmp_path / "caddy.json").write_text(json.dumps(broken))
    argv = [caddy, "validate", "--config", str(tmp_path / "caddy.json")]
    assert subprocess.run(argv, capture_output=True, timeout=20, check=False).returncode == 1


@pytest.mark.parametrize(
    "name",
    [
        "abc",
        "a-b",
        "ab",
        "a" * 63,
        "a" * 64,
        "a--b",
        "-ab",
        "ab-",
        "a_b",
        "Abc",
        "1bc",
        "abc1",
        "api",
        "port",
        "ports",
        "a-b-c-d",
    ],
)
def test_the_route_and_the_core_agree_on_what_a_name_is(name: str) -> None:
    target = f"/workspace/{name}/"
    excepted = re.search(paths.DOUBLE_HYPHEN, target) or re.search(paths.RESERVED, target)
    routed = bool(re.search(paths.IDE, target)) and not excepted
    assert routed is (names.workspace_name_fault(name) is None)


def test_every_wrong_setting_is_told_at_once() -> None:
    with pytest.raises(InputError) as refused:
        Settings(
            password_hash=Secret("hunter2"),
            user="ad:min",
            app=Entrance(listen="fd/3", url="localhost:8080"),
            ide=Entrance(listen="fd/4", url="http://x/{env.HOME}"),
            preview=Entrance(listen="fd/5", url="http://x/{env.HOME}"),
            routes_dir="/run/{x}",
            log_level="LOUD",
        )
    fields = [fault.field for fault in refused.value.faults]
    assert fields == ["app.url", "ide.url", "log_level", "password_hash", "preview.url", "routes_dir", "urls", "user"]
    assert "hunter2" not in str(refused.value)


def test_base_urls_are_taken_without_a_trailing_slash() -> None:
    settings = Settings.for_urls({"app": "https://rockpool.example.test/", "ide": "http://[::1]:8081"}, HASH)
    assert (settings.app.url, settings.app.scheme) == ("https://rockpool.example.test", "https")
    assert (settings.ide.url, settings.preview.url) == ("http://[::1]:8081", "http://localhost:8082")


def test_an_unknown_base_url_is_refused() -> None:
    with pytest.raises(InputError, match="is not valid") as refused:
        Settings.for_urls({"idee": "http://x"}, HASH)
    assert [fault.field for fault in refused.value.faults] == ["urls.idee"]
