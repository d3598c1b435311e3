"""A user's own images, with a Podman that writes down what it is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rockpool.errors import Damaged, InputError, StepFailed
from rockpool.execute.image import inside
from rockpool.step import Argv

OURS = {"Names": ["localhost/rockpool/workspace:latest"], "Id": "a" * 64, "Size": 2**30, "ReadOnly": True}
TOOLS = {"Names": ["localhost/rockpool/tools:latest"], "Id": "b" * 64, "Size": 2**20, "Containers": 2}
OLD = {"Id": "c" * 64, "Size": 1, "Containers": 0}


def here(argv: Argv) -> Argv:
    return argv


@pytest.fixture
def podman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory in which a Podman on PATH keeps what it was asked, the context, and what it answers."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/podman"
    program.write_text(
        f"""#!/bin/sh
echo "$*" >> {tmp_path}/asked
for last; do :; done
case "$3" in
    build)
        echo "STEP 1"
        cp -r "$last" {tmp_path}/context
        [ ! -e {tmp_path}/broken ] || {{ echo no such base; exit 125; }} ;;
    images) cat {tmp_path}/images.json ;;
    image) [ ! -e {tmp_path}/left.json ] || mv {tmp_path}/left.json {tmp_path}/images.json ;;
esac
"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    return tmp_path


@pytest.fixture
def containerfile(tmp_path: Path) -> Path:
    directory = tmp_path / "tools"
    directory.mkdir()
    (directory / "data").write_text("kept")
    (directory / "My File").write_text("FROM localhost/rockpool/workspace\n")
    return directory / "My File"


def test_it_is_built_from_its_directory_in_the_workspaces_mapping_and_its_mapped_copy_made(
    podman: Path, containerfile: Path
) -> None:
    told: list[str] = []
    assert inside.build(containerfile, "tools:2", told.append, here) == "tools:2"
    asked = (podman / "asked").read_text().splitlines()
    assert "--userns-uid-map=0:1:65536" in asked[0]
    assert "/My File --tag localhost/rockpool/tools:2 /var/tmp/rockpool-build." in asked[0]
    assert any("create" in line and "--userns=nomap localhost/rockpool/tools:2" in line for line in asked)
    assert (podman / "context/data").read_text() == "kept"
    assert told[0] == "STEP 1"
    assert not Path(asked[0].split()[-1]).exists()


def test_a_build_that_fails_says_why_and_prepares_nothing(podman: Path, containerfile: Path) -> None:
    (podman / "broken").touch()
    with pytest.raises(StepFailed) as caught:
        inside.build(containerfile, "tools", lambda _: None, here)
    assert caught.value.why == "STEP 1\nno such base"
    asked = (podman / "asked").read_text().splitlines()
    assert len(asked) == 1
    assert not Path(asked[0].split()[-1]).exists()


@pytest.mark.parametrize(
    "tag", ["workspace", "workspace:2", "Tools", "-x", "a/b", "", "x; id", "x:", "..", "x" * 5 + "_"]
)
def test_a_wrong_file_and_a_wrong_name_are_told_at_once(tmp_path: Path, tag: str) -> None:
    with pytest.raises(InputError) as caught:
        inside.build(tmp_path / "none", tag, lambda _: None, here)
    assert [fault.field for fault in caught.value.faults] == ["--file", "--tag"]


def test_what_has_a_name_or_a_container_is_listed(podman: Path) -> None:
    (podman / "images.json").write_text(json.dumps([TOOLS, OURS, OLD, OURS]))
    found = inside.survey(here)
    assert [(row.names, row.baked, row.containers) for row in found] == [
        (("localhost/rockpool/tools:latest",), False, 2),
        (("localhost/rockpool/workspace:latest",), True, 0),
    ]


def test_a_list_that_cannot_be_read_is_told(podman: Path) -> None:
    (podman / "images.json").write_text('[{"Id": "x"}]')
    with pytest.raises(Damaged):
        inside.survey(here)


def test_prune_names_what_went(podman: Path) -> None:
    (podman / "images.json").write_text(json.dumps([TOOLS, OURS]))
    (podman / "left.json").write_text(json.dumps([OURS]))
    assert inside.prune(here) == ("localhost/rockpool/tools:latest",)
