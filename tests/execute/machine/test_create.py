"""Machines made with real `qemu-img`: whole or recognised as half made, never smaller, never over another's base."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from rockpool.current import State
from rockpool.errors import Busy, Damaged, NotFound, Refused
from rockpool.execute.machine import create, current, rebuild, survey, update
from rockpool.execute.machine.directory import Directory, directory
from rockpool.execute.machine.disks import Image
from rockpool.execute.machine.until import until
from rockpool.spec import GIB, Machine

pytestmark = [pytest.mark.vm, pytest.mark.timeout(120)]

Find = Callable[[str], Image]


def contents(machine: Directory) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in machine.path.iterdir()}


def test_made_machine_is_stopped_and_whole(tiny: Machine) -> None:
    assert survey() == {"tiny": current(directory("tiny"))}
    found = survey()["tiny"]
    assert (found.state, found.spec, found.image_key) == (State.STOPPED, tiny, "0123456789ab")


def test_making_it_twice_changes_no_disk_and_no_key(tiny: Machine, find: Find) -> None:
    kept = ("system.qcow2", "state.qcow2", "workspaces.qcow2", "id_ed25519", "host_ed25519", "uuid", "base.raw")
    before = contents(directory("tiny"))
    create(tiny, find=find)
    after = contents(directory("tiny"))
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def test_port_that_the_host_picked_stays(spec: Machine, find: Find) -> None:
    free = replace(spec, ssh_port=0)
    create(free, find=find)
    picked = survey()["tiny"].ssh_port
    create(free, find=find)
    assert 22100 <= picked == survey()["tiny"].ssh_port


def test_two_machines_get_two_ports(spec: Machine, find: Find) -> None:
    for name in ("one", "two"):
        create(replace(spec, name=name, ssh_port=0), find=find)
    assert survey()["one"].ssh_port != survey()["two"].ssh_port


def test_absent_image_leaves_nothing(spec: Machine, home: Path) -> None:
    def nothing(name: str) -> Image:
        raise NotFound(f"no image {name}")

    with pytest.raises(NotFound):
        create(spec, find=nothing)
    assert list(home.glob("machines/*")) == []


@pytest.mark.parametrize("part", ["disk.raw", "vmlinuz", "initrd.img"])
def test_damaged_image_is_told_and_completed_later(part: str, spec: Machine, image: Image, find: Find) -> None:
    kept = (image.path / part).rename(image.path / "elsewhere")
    with pytest.raises(Damaged, match=rf"{part} missing(?s:.*)invoke image.build"):
        create(spec, find=find)
    kept.rename(image.path / part)
    create(spec, find=find)
    assert survey()["tiny"].state is State.STOPPED


def test_image_bigger_than_the_system_disk_is_refused(spec: Machine, image: Image, find: Find) -> None:
    with (image.path / "disk.raw").open("r+b") as disk:
        disk.truncate(spec.system + GIB)
    with pytest.raises(Refused, match="set system to 5g or more"):
        create(spec, find=find)


def test_deleted_image_does_not_touch_the_machine(tiny: Machine, image: Image) -> None:
    for file in image.path.iterdir():
        file.unlink()
    told = subprocess.run(
        ("qemu-img", "check", "-q", directory("tiny").path / "system.qcow2"), capture_output=True, check=False
    )
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("part", ["system.qcow2", "base.raw", "vmlinuz", "image.json"])
def test_half_swapped_system_disk_is_laid_anew(part: str, tiny: Machine, find: Find) -> None:
    machine = directory("tiny")
    state = (machine.path / "state.qcow2").stat().st_ino
    (machine.path / part).unlink()
    assert survey()["tiny"].state is State.INCOMPLETE
    create(tiny, find=find)
    assert survey()["tiny"].state is State.STOPPED
    assert (machine.path / "state.qcow2").stat().st_ino == state


@pytest.mark.parametrize("part", ["state.qcow2", "workspaces.qcow2"])
def test_lost_disk_is_never_replaced_by_an_empty_one(part: str, tiny: Machine, find: Find) -> None:
    (directory("tiny").path / part).unlink()
    with pytest.raises(Damaged, match="has lost a disk"):
        create(tiny, find=find)
    assert not (directory("tiny").path / part).exists()


def test_unreadable_disk_is_damaged(tiny: Machine, find: Find) -> None:
    (directory("tiny").path / "system.qcow2").write_bytes(b"not a disk")
    with pytest.raises(Damaged, match=r"system disk(?s:.*)invoke vm.rebuild"):
        create(tiny, find=find)
    rebuild("tiny", find=find)
    create(tiny, find=find)


def test_smaller_disks_and_another_image_are_refused(tiny: Machine, find: Find) -> None:
    create(replace(tiny, state=2 * GIB), find=find)
    with pytest.raises(Refused, match="state from 2g to 1g"):
        create(tiny, find=find)
    with pytest.raises(Refused, match="cannot change the image"):
        create(replace(tiny, image="vanilla", state=2 * GIB), find=find)


def test_disks_that_grew_before_a_kill_are_no_hindrance(tiny: Machine, find: Find) -> None:
    grown = replace(tiny, state=2 * GIB)
    before = (directory("tiny").path / "spec.json").read_text()
    create(grown, find=find)
    (directory("tiny").path / "spec.json").write_text(before)
    create(grown, find=find)
    assert survey()["tiny"].spec == grown


def test_update_of_an_absent_machine_is_not_found(spec: Machine) -> None:
    with pytest.raises(NotFound):
        update(spec)


def test_foreign_directory_is_reported_and_refused(spec: Machine, find: Find) -> None:
    directory("tiny").path.mkdir(parents=True)
    assert "no machine of Rockpool" in survey()["tiny"].foreign
    with pytest.raises(Refused):
        create(spec, find=find)


def test_unreadable_spec_makes_it_incomplete_not_the_survey_fail(tiny: Machine) -> None:
    (directory("tiny").path / "spec.json").write_text("{")
    assert survey()["tiny"].state is State.INCOMPLETE


CREATE = """
import json, sys
from pathlib import Path
from rockpool.execute.machine import create
from rockpool.execute.machine.disks import Image
from rockpool.execute.machine.until import until
from rockpool.spec import Machine
image = Image(name="root-vm", key="0123456789ab", path=Path(sys.argv[1]))
print("begin", flush=True)
create(Machine.parse(json.load(sys.stdin)), find=lambda name: image)
"""


def create_after_a_kill(spec: Machine, find: Find) -> None:
    """Make it once the lock is free: a child that was about to be another program when its parent died holds it on."""
    for _ in until(20):
        with suppress(Busy):
            return create(spec, find=find)
    pytest.fail("the lock is never free")


def test_create_killed_at_any_moment_is_completed(spec: Machine, image: Image, find: Find) -> None:
    states = set()
    for moment in range(12):
        process = subprocess.Popen(
            (sys.executable, "-c", CREATE, image.path), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(spec.to_data()).encode())
        process.stdin.close()
        process.stdout.readline()
        time.sleep(moment * 0.03)  # the moment of the kill is what this varies, not what it waits for
        process.kill()
        process.wait()
        process.stdout.close()
        found = survey().get("tiny")
        states.add(found.state if found else None)
        create_after_a_kill(spec, find)
        assert survey()["tiny"].state is State.STOPPED
        machine = directory("tiny")
        assert not [path.name for path in machine.path.parent.iterdir() if path.name.startswith(".")]
        machine.remove()
    assert len(states) >= 2, states
