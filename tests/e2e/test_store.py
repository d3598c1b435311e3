"""The workspace image is there once, and no workspace copies it."""

import pytest

from tests.bed.guest import Guest

pytestmark = [pytest.mark.vm, pytest.mark.timeout(600)]

MIB = 1024**2


def kept(guest: Guest) -> int:
    """Return the bytes that Podman keeps on the workspaces disk."""
    return int(guest.run("du", "--summarize", "--bytes", "/var/lib/rockpool-ws/containers").split()[0])


def test_a_new_container_copies_nothing_of_the_image(vm: Guest) -> None:
    image = vm.run(*vm.podman("inspect", "--format", "{{.ImageName}}", vm.container)).strip()
    size = int(vm.run(*vm.podman("image", "inspect", "--format", "{{.Size}}", image)))
    assert size > 100 * MIB  # the control: a copy would show

    before = kept(vm)
    vm.run(*vm.podman("create", "--network=none", "--userns=nomap", "--name=probe", image, "true"))
    assert kept(vm) - before < 5 * MIB
