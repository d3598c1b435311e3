"""Keys are made once, stay closed, and an ssh client understands what is written for it."""

import subprocess
from pathlib import Path

import pytest

from rockpool.errors import Damaged
from rockpool.execute.machine import keys
from rockpool.execute.machine.directory import Directory, directory
from rockpool.spec import Machine

SPEC = Machine(name="root", ssh_port=22123)


@pytest.fixture
def machine() -> Directory:
    found = directory("root")
    found.make()
    keys.make(found)
    keys.write_client_files(found, SPEC)
    return found


def test_keys_are_made_once(machine: Directory) -> None:
    before = (machine.path / "id_ed25519").read_bytes()
    keys.make(machine)
    assert (machine.path / "id_ed25519").read_bytes() == before
    assert (machine.path / "id_ed25519").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in machine.path.iterdir() if path.name.startswith(".")] == []


def test_half_made_key_is_made_anew(machine: Directory) -> None:
    (machine.path / "host_ed25519").unlink()
    (machine.path / ".host_ed25519.new").write_text("half")
    keys.make(machine)
    assert (machine.path / "host_ed25519").read_text().startswith("-----BEGIN")


def test_public_half_always_fits(machine: Directory) -> None:
    for name in ("id_ed25519", "host_ed25519"):
        told = subprocess.run(
            ("ssh-keygen", "-y", "-f", machine.path / name), capture_output=True, text=True, check=True
        )
        assert told.stdout.split()[:2] == (machine.path / f"{name}.pub").read_text().split()[:2]


@pytest.mark.parametrize("name", ["id_ed25519", "host_ed25519"])
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620])
def test_key_open_to_others_is_refused_with_the_fix(machine: Directory, name: str, mode: int) -> None:
    keys.refuse_open(machine)
    (machine.path / name).chmod(mode)
    with pytest.raises(Damaged, match=rf"{name} is open to others(?s:.*)chmod 600"):
        keys.refuse_open(machine)


def test_ssh_reads_the_configuration_as_meant(machine: Directory) -> None:
    argv = ("ssh", "-G", "-F", machine.path / "ssh_config", "root")
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    meant = dict(line.split(" ", 1) for line in told.splitlines() if " " in line)
    assert (meant["hostname"], meant["port"], meant["user"]) == ("127.0.0.1", "22123", "root")
    assert (meant["stricthostkeychecking"], meant["identitiesonly"]) == ("true", "yes")
    assert meant["identityfile"].strip('"') == str(machine.path / "id_ed25519")


def test_path_with_blanks_and_percents_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path / "my 100% home"))
    found = directory("root")
    found.make()
    keys.make(found)
    keys.write_client_files(found, SPEC)
    argv = ("ssh", "-G", "-F", found.path / "ssh_config", "root")
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    # ssh prints what it read before it turns %% into %.
    assert f"userknownhostsfile {found.path / 'known_hosts'}" in told.replace('"', "").replace("%%", "%")


def test_host_key_is_known_under_its_port(machine: Directory) -> None:
    host, kind, key = (machine.path / "known_hosts").read_text().split()
    assert (host, kind) == ("[127.0.0.1]:22123", "ssh-ed25519")
    assert key in (machine.path / "host_ed25519.pub").read_text()


def test_half_made_machine_has_no_address(machine: Directory) -> None:
    with pytest.raises(Damaged, match="half made"):
        keys.ssh_address("root")
