import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rockpool.execute.image import pins

MAVEN = {"m": "http://maven.apache.org/POM/4.0.0"}


@pytest.mark.parametrize("arch", ["amd64", "arm64"])
def test_every_wheel_is_pinned_for_each_architecture(arch: str) -> None:
    pinned = pins.pins(arch)
    assert all(re.fullmatch("[0-9a-f]{64}", wheel.sha256) for wheel in (pinned.go, pinned.node))


def test_the_tools_own_files_say_the_same_versions() -> None:
    pinned = pins.pins("amd64")
    pom = ElementTree.parse(pins.SOURCES / "elasticmq/pom.xml")
    package = json.loads((pins.SOURCES / "workspace/package.json").read_text())
    assert pom.findtext(".//m:dependency/m:version", namespaces=MAVEN) == pinned.elasticmq
    assert package["dependencies"]["code-server"] == pinned.code_server
    assert f"github.com/caddyserver/caddy/v2 v{pinned.caddy}\n" in (pins.SOURCES / "caddy/go.mod").read_text()


def test_the_npm_lock_has_every_hash_and_no_address() -> None:
    packages = json.loads((pins.SOURCES / "workspace/package-lock.json").read_text())["packages"]
    fetched = {name: entry for name, entry in packages.items() if name and not entry.get("inBundle")}
    assert fetched
    assert [name for name, entry in fetched.items() if "integrity" not in entry or "resolved" in entry] == []


def test_packages_are_one_a_line_sorted_and_without_comments() -> None:
    names = pins.packages("root_vm")
    assert "podman" in names
    assert list(names) == sorted(set(names))


def test_no_file_of_an_image_names_a_registry() -> None:
    hosts = re.compile(
        r"pypi\.org|npmjs|proxy\.golang|repo1?\.maven\.org|deb\.debian\.org|docker\.io|ghcr\.io|quay\.io"
    )
    texts = {path: path.read_text() for path in pins.SOURCES.rglob("*") if path.is_file()}
    assert [path.name for path, text in texts.items() if hosts.search(text)] == []


def test_every_script_is_executable() -> None:
    assert [path for path in Path(pins.SOURCES).rglob("*.sh") if not path.stat().st_mode & 0o100] == []
