"""Which accelerators are tried; what was found holds for one QEMU and one kernel."""

import pytest

from rockpool.errors import HostNotReady
from rockpool.execute.machine.accelerator import choose, remember
from rockpool.execute.machine.program import Program, parse_version, program, refuse_old

HOST = Program(arch="x86_64", version=(10, 0, 2), kernel="6.18.1")


def test_kvm_is_tried_first_where_it_opens() -> None:
    assert choose({}, HOST, kvm=True) == ("kvm", "tcg")
    assert choose({}, HOST, kvm=False) == ("tcg",)


def test_kvm_that_failed_is_not_tried_again_on_the_same_host() -> None:
    assert choose(remember(HOST, "tcg"), HOST, kvm=True) == ("tcg",)


def test_kvm_that_worked_may_still_give_way() -> None:
    assert choose(remember(HOST, "kvm"), HOST, kvm=True) == ("kvm", "tcg")


@pytest.mark.parametrize(
    "changed",
    [
        Program(arch="x86_64", version=(10, 0, 3), kernel="6.18.1"),
        Program(arch="x86_64", version=(10, 0, 2), kernel="6.18.2"),
    ],
    ids=["another QEMU", "another kernel"],
)
def test_another_host_is_tried_anew(changed: Program) -> None:
    assert choose(remember(HOST, "tcg"), changed, kvm=True) == ("kvm", "tcg")


def test_version_is_read_from_what_qemu_says() -> None:
    assert parse_version("QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)\nCopyright") == (10, 0, 2)
    assert parse_version("QEMU emulator version 9.2\n") == (9, 2)
    with pytest.raises(HostNotReady, match="cannot tell the version"):
        parse_version("hello")


def test_qemu_that_crashes_guests_is_refused_with_the_fix() -> None:
    refuse_old((8, 0, 0))
    with pytest.raises(HostNotReady, match=r"QEMU 7.2.1 is too old(?s:.*)bookworm-backports"):
        refuse_old((7, 2, 1))


def test_host_without_qemu_hears_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(HostNotReady, match=r"qemu-img(?s:.*)qemu-utils"):
        program()
