"""What is told before anything begins."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from rockpool.cli.main import program
from rockpool.errors import Busy, HostNotReady, InputError, NotFound
from rockpool.execute import lock


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path))
    (tmp_path / "locks").mkdir(mode=0o700)
    return tmp_path


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def failure(*argv: str) -> BaseException | None:
    return CliRunner().invoke(program, argv).exception


def test_up_tells_every_lack_of_the_host_at_once(home: Path, taken: int):
    (home / "settings.toml").write_text(f'[machine]\nmemory = "1024g"\n[ports]\napp = {taken}\n')
    error = failure("up")
    assert isinstance(error, HostNotReady)
    assert f"port {taken}" in error.why
    assert "1024.0 GiB of memory" in error.why
    assert "settings.toml" in error.fix
    assert not list((home / "machines").glob("*"))


@pytest.mark.parametrize("held", ["up-root", "deploy-root"])
def test_a_second_up_is_busy_before_anything_begins(home: Path, held: str):
    with lock.hold(home / "locks" / held, "bring root up"):
        assert isinstance(failure("up"), Busy)
    assert not (home / "deploy.log").exists()


def test_up_refuses_wrong_settings(home: Path):
    (home / "settings.toml").write_text("[machine]\ncpus = 0\n")
    assert isinstance(failure("up"), InputError)


def test_down_with_nothing_there_is_fine(home: Path):
    done = CliRunner().invoke(program, ["down"])
    assert (done.exit_code, done.output) == (0, "nothing is running\n")


def test_credentials_before_they_are_made(home: Path):
    assert isinstance(failure("host", "credentials"), NotFound)


def test_credentials_are_printed_for_scripts(home: Path):
    runner = CliRunner()
    assert runner.invoke(program, ["host", "secrets"]).exit_code == 0
    user, _, password = runner.invoke(program, ["host", "credentials"]).output.strip().partition(":")
    assert user == "admin"
    assert len(password) == 32


def test_verify_needs_a_running_machine(home: Path):
    assert isinstance(failure("host", "verify"), HostNotReady)


def test_drift_of_nothing_at_all_is_everything(home: Path):
    done = CliRunner().invoke(program, ["host", "drift"])
    assert done.exit_code == 2
    assert "@qemu/root: Base: Packages\n" in done.output


def test_drift_that_cannot_be_told_is_a_failure(home: Path):
    (home / "settings.toml").write_text("[machine]\ncpus = 0\n")
    assert CliRunner().invoke(program, ["host", "drift"]).exit_code == 1
