"""The serial log: its end for an error, all of it for a reader, never through a link."""

from pathlib import Path

import pytest

from rockpool.execute.machine import serial
from rockpool.execute.machine.directory import Directory, directory


@pytest.fixture
def machine() -> Directory:
    found = directory("root")
    found.make()
    return found


def test_tail_is_the_last_lines_without_carriage_returns(machine: Directory) -> None:
    (machine.path / "serial.log").write_bytes(b"one\r\ntwo\r\nthr\xffee\r\n")
    assert serial.tail(machine, 2) == "two\nthr\ufffdee"


def test_absent_log_is_empty(machine: Directory) -> None:
    assert (serial.tail(machine), serial.read(machine)) == ("", b"")


def test_link_in_place_of_the_log_is_not_read(machine: Directory, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (machine.path / "serial.log").symlink_to(tmp_path / "secret")
    assert serial.read(machine) == b""


def test_log_of_the_boot_before_is_put_aside(machine: Directory) -> None:
    serial.begin(machine)
    (machine.path / "serial.log").write_text("first")
    serial.begin(machine)
    assert not (machine.path / "serial.log").exists()
    assert (machine.path / "serial.log.1").read_text() == "first"


def test_following_a_stopped_machine_ends_with_its_log(machine: Directory) -> None:
    (machine.path / "serial.log").write_text("all of it")
    assert b"".join(serial.follow(machine)) == b"all of it"
