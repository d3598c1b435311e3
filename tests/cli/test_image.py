import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from rockpool.cli.image import group
from rockpool.errors import InputError
from rockpool.execute.image.recipes import RECIPES


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path))


def test_status_of_an_empty_home_names_every_image_as_absent() -> None:
    rows = json.loads(CliRunner().invoke(group, ["status", "--json"]).stdout)
    assert {"root-vm", "vanilla", "caddy", "elasticmq", "control", "workspace"} <= set(rows)
    assert {row["state"] for row in rows.values()} == {"absent"}


def test_list_has_a_line_for_each() -> None:
    lines = CliRunner().invoke(group, ["list", "--check"]).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(RECIPES)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    fault = CliRunner().invoke(group, ["build", "rootvm"]).exception
    assert isinstance(fault, InputError)
    assert "root-vm" in fault.why


def test_prune_removes_what_no_present_source_makes(tmp_path: Path) -> None:
    (tmp_path / "images/root-vm-amd64-000000000000").mkdir(parents=True)
    (tmp_path / "images/.vanilla-amd64-000000000000.part/tree").mkdir(parents=True)
    lines = CliRunner().invoke(group, ["prune"]).stdout.splitlines()
    assert lines == ["removed .vanilla-amd64-000000000000.part", "removed root-vm-amd64-000000000000"]
    assert list((tmp_path / "images").iterdir()) == []


def test_a_containerfile_is_for_workspaces_alone() -> None:
    fault = CliRunner().invoke(group, ["build", "caddy", "--file", "Containerfile"]).exception
    assert isinstance(fault, InputError)
    assert "workspace" in fault.why


@pytest.mark.parametrize("command", ["list", "prune"])
def test_a_root_vm_that_does_not_run_is_left_out_and_told(command: str) -> None:
    done = CliRunner().invoke(group, [command])
    assert done.exit_code == 0
    assert "root VM does not run" in done.stderr
