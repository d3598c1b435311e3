"""QEMU's command line, read as pairs of option and value."""

from itertools import pairwise

import pytest

from rockpool.runtimes.qemu_command import SANDBOX, Launch, command, credential_text
from rockpool.spec import GIB, Forward, Machine
from rockpool.step import Argv

MACHINE = Machine(
    name="root", cpus=3, memory=2 * GIB, ssh_port=22100, forwards=(Forward(host_port=18080, guest_port=8080),)
)


def argv(*, arch: str = "x86_64", accelerator: str = "tcg", launch: Launch | None = None) -> Argv:
    credentials = {"system.hostname": "credential.system.hostname"}
    return command(MACHINE, arch=arch, accelerator=accelerator, uuid="u-1", credentials=credentials, launch=launch)


def values(words: Argv, option: str) -> list[str]:
    return [value for word, value in pairwise(words) if word == option]


def test_each_disk_carries_its_name_as_serial() -> None:
    words = argv()
    assert [drive.split(",")[2] for drive in values(words, "-drive")] == [
        "file=system.qcow2",
        "file=state.qcow2",
        "file=workspaces.qcow2",
    ]
    serials = [device.rsplit("=", 1)[1] for device in values(words, "-device") if device.startswith("virtio-blk")]
    assert serials == ["system", "state", "workspaces"]


def test_ports_listen_on_the_loopback_only() -> None:
    assert values(argv(), "-netdev") == [
        "user,id=net0,hostfwd=tcp:127.0.0.1:22100-:22,hostfwd=tcp:127.0.0.1:18080-:8080"
    ]


def test_size_and_identity_come_from_the_spec() -> None:
    words = argv()
    assert (values(words, "-m"), values(words, "-smp"), values(words, "-uuid")) == (["2048M"], ["3"], ["u-1"])


def test_every_start_is_sandboxed() -> None:
    assert values(argv(), "-sandbox") == [SANDBOX]
    assert SANDBOX.startswith("on,")
    assert SANDBOX.count("=deny") == 4


def test_credentials_are_files_not_arguments() -> None:
    assert values(argv(), "-smbios") == ["type=11,path=credential.system.hostname"]
    assert values(argv(arch="aarch64"), "-fw_cfg") == [
        "name=opt/io.systemd.credentials/system.hostname,file=credential.system.hostname"
    ]


@pytest.mark.parametrize(("arch", "console"), [("x86_64", "ttyS0"), ("aarch64", "ttyAMA0")])
def test_kernel_speaks_to_the_serial_console_of_its_board(arch: str, console: str) -> None:
    assert f"console={console}" in values(argv(arch=arch), "-append")[0]
    assert argv(arch=arch)[0] == f"qemu-system-{arch}"


@pytest.mark.parametrize(
    ("accelerator", "arch", "cpu"),
    [
        ("kvm", "x86_64", ["host"]),
        ("kvm", "aarch64", ["host"]),
        ("tcg", "x86_64", ["max", "avx=off", "avx2=off", "erms=off", "fsrm=off"]),
        ("tcg", "aarch64", ["max"]),
    ],
)
def test_processor_fits_the_accelerator(accelerator: str, arch: str, cpu: list[str]) -> None:
    (told,) = values(argv(accelerator=accelerator, arch=arch), "-cpu")
    assert told.split(",") == cpu


def test_only_an_emulated_processor_is_unguarded() -> None:
    told = {each: "mitigations=off" in values(argv(accelerator=each), "-append")[0] for each in ("kvm", "tcg")}
    assert told == {"kvm": False, "tcg": True}


def test_test_bed_may_add_to_network_and_arguments() -> None:
    launch = Launch(network=("ipv6-prefix=2001:db8:5::", "ipv6-prefixlen=64"), extra=("-incoming", "defer"))
    words = argv(launch=launch)
    assert values(words, "-netdev")[0].endswith(",ipv6-prefix=2001:db8:5::,ipv6-prefixlen=64")
    assert words[-2:] == ("-incoming", "defer")


def test_no_file_is_named_by_an_absolute_path() -> None:
    assert [word for word in argv() if "=/" in word or word.startswith("/")] == []


def test_credential_file_holds_what_its_board_reads() -> None:
    assert credential_text("x86_64", "a.b", "eA==", b"x") == b"io.systemd.credential.binary:a.b=eA=="
    assert credential_text("aarch64", "a.b", "eA==", b"x") == b"x"
