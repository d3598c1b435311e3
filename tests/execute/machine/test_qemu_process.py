"""Real QEMU around a guest of a few bytes: who it runs as, how it is recognised, what is left when things break."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rockpool.current import State
from rockpool.errors import HostNotReady, NotFound, Refused, RockpoolError, StepFailed
from rockpool.execute.machine import Launch, create, destroy, identity, qmp, rebuild, serial, start, stop, survey
from rockpool.execute.machine.account import account
from rockpool.execute.machine.directory import directory
from rockpool.execute.machine.disks import Image
from rockpool.execute.machine.until import until
from rockpool.spec import GIB, Forward, Machine

pytestmark = [pytest.mark.vm, pytest.mark.timeout(120)]

Find = Callable[[str], Image]


def pid_of(spec: Machine) -> int:
    return identity.find(directory(spec.name))


def qemus_of(spec: Machine) -> list[int]:
    uuid = directory(spec.name).uuid
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and identity.is_machine(int(p.name), uuid)]


def process_status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {key: value.strip() for key, value in (line.split(":", 1) for line in lines)}


def begin_start(spec: Machine) -> subprocess.Popen[bytes]:
    argv = (sys.executable, "-m", "rockpool.cli.main", "machine", "start", "--no-wait", spec.name)
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_qemu_has_no_privileges_and_sandboxes_itself(tiny: Machine) -> None:
    start(tiny.name)
    status = process_status(pid_of(tiny))
    assert status["Uid"].split() == [str(account().uid)] * 4
    assert status["Uid"].split()[0] != "0"
    assert (int(status["CapEff"], 16), status["NoNewPrivs"], status["Seccomp"]) == (0, "1", "2")


def test_guest_speaks_in_the_serial_log(tiny: Machine) -> None:
    start(tiny.name)
    assert any(b"tiny guest" in serial.read(directory(tiny.name)) for _ in until(20))


def test_qemu_shares_no_pipe_and_no_session_with_its_starter(tiny: Machine) -> None:
    start(tiny.name)
    pid = pid_of(tiny)
    targets = [str(Path(f"/proc/{pid}/fd/{fd}").readlink()) for fd in (0, 1, 2)]
    assert targets == ["/dev/null", *[str(directory(tiny.name).path / "qemu.log")] * 2]
    assert os.getsid(pid) == pid


def test_no_pipe_that_the_starter_left_open_stays_open(tiny: Machine) -> None:
    reading, writing = os.pipe()
    argv = (sys.executable, "-m", "rockpool.cli.main", "machine", "start", "--no-wait", tiny.name)
    assert subprocess.run(argv, pass_fds=(writing,), capture_output=True, check=False, timeout=60).returncode == 0
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b""
    assert pid_of(tiny)


def test_no_secret_is_in_the_command_line(tiny: Machine) -> None:
    start(tiny.name)
    words = Path(f"/proc/{pid_of(tiny)}/cmdline").read_bytes()
    assert b"ssh-ed25519" not in words
    assert b"credential.binary" not in words


def test_qemu_cannot_replace_what_root_uses(tiny: Machine) -> None:
    start(tiny.name)
    if os.geteuid():
        pytest.skip("QEMU runs as the user here")
    prefix, path = account().prefix, directory(tiny.name).path
    for act in (("rm", "-f", "ssh_config"), ("mv", "ssh_config", "x"), ("cat", "id_ed25519")):
        assert subprocess.run((*prefix, *act), cwd=path, capture_output=True, check=False).returncode


def test_start_and_stop_twice_are_once(tiny: Machine) -> None:
    assert [start(tiny.name), start(tiny.name)] == [True, False]
    assert [stop(tiny.name, seconds=0), stop(tiny.name)] == ["powered off", "stopped already"]


def test_guest_that_does_not_listen_loses_its_power_at_the_deadline(tiny: Machine) -> None:
    start(tiny.name)
    assert stop(tiny.name, seconds=0.2) == "powered off"
    assert survey()[tiny.name].state is State.STOPPED


@pytest.mark.proof
def test_qemu_that_does_not_answer_is_killed(tiny: Machine) -> None:
    start(tiny.name)
    os.kill(pid_of(tiny), signal.SIGSTOP)
    assert stop(tiny.name, seconds=0) == "killed"


def test_killed_qemu_is_seen_and_started_again(tiny: Machine) -> None:
    start(tiny.name)
    before = pid_of(tiny)
    os.kill(before, signal.SIGKILL)
    os.waitpid(before, 0)
    assert (directory(tiny.name).path / "pid").exists()
    assert survey()[tiny.name].state is State.STOPPED
    assert start(tiny.name)
    assert pid_of(tiny) not in (0, before)


def test_pid_of_another_process_is_left_alone(tiny: Machine) -> None:
    (directory(tiny.name).path / "pid").write_text(f"{os.getpid()}\n")
    assert survey()[tiny.name].pid == 0
    assert stop(tiny.name) == "stopped already"
    assert start(tiny.name)


def test_running_machine_without_its_pid_file_is_found(tiny: Machine) -> None:
    start(tiny.name)
    before = pid_of(tiny)
    (directory(tiny.name).path / "pid").unlink()
    assert pid_of(tiny) == before
    assert not start(tiny.name)


def test_taken_port_is_told_with_its_holder(spec: Machine, find: Find) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        taken = Machine.parse({**spec.to_data(), "forwards": [{"host_port": port, "guest_port": 8080}]})
        create(taken, find=find)
        with pytest.raises(HostNotReady, match=rf"port {port} of 127.0.0.1 is in use by .* \(process {os.getpid()}\)"):
            start(taken.name)
    assert survey()[taken.name].state is State.STOPPED
    assert start(taken.name)


def test_two_starts_at_once_make_one_qemu(tiny: Machine) -> None:
    both = [begin_start(tiny), begin_start(tiny)]
    told = [process.communicate(timeout=60)[0].decode() for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 0], [0, 6]), told
    assert len(qemus_of(tiny)) == 1


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_start_that_was_ended_is_completed_by_the_next(end: signal.Signals, tiny: Machine) -> None:
    for moment in (0.15, 0.3, 0.45, 0.6, 0.8):
        process = begin_start(tiny)
        try:
            process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            process.send_signal(end)
            process.communicate()
        again = begin_start(tiny)
        told = again.communicate(timeout=60)[0].decode()
        assert again.returncode == 0, told
        assert len(qemus_of(tiny)) == 1
        stop(tiny.name, seconds=0)


def test_disk_in_use_by_another_process_is_told(tiny: Machine) -> None:
    path, drive = directory(tiny.name).path, "if=none,id=d,file=system.qcow2,format=qcow2"
    argv = (*account().prefix, "qemu-system-x86_64", "-S", "-nodefaults", "-display", "none")
    with subprocess.Popen((*argv, "-drive", drive, "-qmp", "unix:other.sock,server=on,wait=off"), cwd=path) as other:
        assert any((path / "other.sock").exists() for _ in until(20))
        with pytest.raises(StepFailed, match="lock"):
            start(tiny.name)
        assert pid_of(tiny) == 0
        other.kill()


def test_accelerator_that_boots_is_remembered_for_this_qemu_and_kernel(tiny: Machine) -> None:
    start(tiny.name)
    noted = directory(tiny.name).json("boot.json")
    assert noted["kernel"] == os.uname().release
    assert re.fullmatch(r"[0-9.]+", noted["qemu"])
    assert survey()[tiny.name].accelerator == noted["accelerator"]


def test_control_socket_answers_by_name_of_the_command(tiny: Machine) -> None:
    start(tiny.name)
    path = directory(tiny.name).path
    assert qmp.execute(path, "query-status")["status"] == "running"
    assert qmp.execute(path, "human-monitor-command", command_line="info name").strip() == tiny.name
    with pytest.raises(RockpoolError, match="QEMU refused no-such-command"):
        qmp.execute(path, "no-such-command")
    stop(tiny.name, seconds=0)
    with pytest.raises(NotFound):
        qmp.execute(path, "query-status")


def test_start_may_wait_for_a_saved_state(tiny: Machine) -> None:
    start(tiny.name, launch=Launch(extra=("-incoming", "defer")))
    assert qmp.execute(directory(tiny.name).path, "query-status")["status"] == "inmigrate"


@pytest.mark.skipif(os.geteuid() != 0, reason="making a network namespace needs root")
def test_start_may_happen_in_a_network_namespace(tiny: Machine) -> None:
    start(tiny.name, launch=Launch(prefix=("unshare", "--net")))
    ours, theirs = (Path(f"/proc/{pid}/ns/net").readlink() for pid in ("self", pid_of(tiny)))
    assert ours != theirs
    assert stop(tiny.name, seconds=0) == "powered off"


def test_running_machine_is_not_changed_and_not_disturbed(tiny: Machine, find: Find) -> None:
    start(tiny.name)
    create(tiny, find=find)
    with pytest.raises(Refused, match="it is running"):
        create(Machine.parse({**tiny.to_data(), "cpus": 2}), find=find)
    assert pid_of(tiny)


def test_rebuild_stops_it_and_keeps_keys_and_disks(tiny: Machine, find: Find) -> None:
    start(tiny.name)
    path = directory(tiny.name).path
    kept = ("id_ed25519", "host_ed25519", "uuid", "state.qcow2", "workspaces.qcow2")
    before = {file: (path / file).stat().st_ino for file in kept}
    system = (path / "system.qcow2").stat().st_ino
    stop(tiny.name, seconds=0)
    rebuild(tiny.name, find=find)
    assert {file: (path / file).stat().st_ino for file in kept} == before
    assert (path / "system.qcow2").stat().st_ino != system
    assert start(tiny.name)


def test_destroy_ends_a_running_machine_and_leaves_nothing(tiny: Machine, home: Path) -> None:
    start(tiny.name)
    pid, uuid = pid_of(tiny), directory(tiny.name).uuid
    destroy(tiny.name)
    destroy(tiny.name)
    assert not identity.is_machine(pid, uuid)
    assert list((home / "machines").iterdir()) == []


def test_grown_disk_is_grown_while_it_is_stopped(tiny: Machine, find: Find) -> None:
    grown = Machine.parse({**tiny.to_data(), "state": "3g", "forwards": []})
    create(grown, find=find)
    told = subprocess.run(
        ("qemu-img", "info", directory(tiny.name).path / "state.qcow2"), capture_output=True, check=True
    ).stdout
    assert f"({3 * GIB} bytes)".encode() in told


def test_other_spec_is_used_by_the_next_start(tiny: Machine, find: Find) -> None:
    port = Forward(host_port=tiny.ssh_port + 1, guest_port=80)
    create(Machine.parse({**tiny.to_data(), "forwards": [vars(port)]}), find=find)
    start(tiny.name)
    assert f":{port.host_port}-:80".encode() in Path(f"/proc/{pid_of(tiny)}/cmdline").read_bytes()


@pytest.mark.parametrize("file", ["known_hosts", "ssh_config"])
def test_way_in_that_was_lost_or_changed_is_completed_while_it_runs(file: str, tiny: Machine, find: Find) -> None:
    start(tiny.name)
    pid, path = pid_of(tiny), directory(tiny.name).path / file
    before = path.read_text()
    for damage in (lambda: path.write_text("something else"), path.unlink):
        damage()
        assert survey()["tiny"].state is State.INCOMPLETE
        create(tiny, find=find)
        assert (path.read_text(), survey()["tiny"].state, pid_of(tiny)) == (before, State.RUNNING, pid)
