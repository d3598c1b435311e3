"""What `vm.status` says."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from rockpool.errors import Damaged, NotFound
from rockpool.execute.machine import describe, lines
from rockpool.execute.machine.directory import directory
from rockpool.execute.machine.disks import Image
from rockpool.spec import Machine

Find = Callable[[str], Image]


def failing(error: Exception) -> Find:
    def find(name: str) -> Image:
        raise error

    return find


def test_half_made_machine_says_what_it_lacks(find: Find) -> None:
    directory("tiny").make()
    data = describe("tiny", find=find)
    assert data["state"] == "incomplete"
    assert "it lacks spec.json" in "\n".join(lines(data))


@pytest.mark.vm
def test_whole_machine_says_image_disks_and_the_way_in(tiny: Machine, find: Find) -> None:
    told = "\n".join(lines(describe("tiny", find=find)))
    assert "tiny is stopped" in told
    assert "image root-vm 0123456789ab\n" in told
    assert "disk workspaces: 1g, 0 MiB of it on this host" in told
    assert "ssh -F" in told


@pytest.mark.vm
def test_newer_image_is_told_with_the_way_to_it(tiny: Machine, image: Image) -> None:
    data = describe("tiny", find=lambda _: replace(image, key="ba9876543210"))
    assert data["image"]["fix"] == "invoke vm.rebuild --name tiny"
    assert "ba9876543210 is the current one: invoke vm.rebuild --name tiny" in "\n".join(lines(data))


@pytest.mark.vm
def test_image_that_is_gone_or_damaged_does_not_hide_the_machine(tiny: Machine) -> None:
    assert describe("tiny", find=failing(NotFound("gone")))["image"]["fix"] == ""
    assert describe("tiny", find=failing(Damaged("torn")))["image"]["fix"] == "invoke image.build root-vm"
