from pathlib import Path

import pytest

from rockpool.errors import StepFailed
from rockpool.execute.deploy import Run, _Account, refuse_failure


def ended(log: Path, *, code: int, said: tuple[str, ...] = ()) -> Run:
    return Run(code=code, stdout="", said=said, log=log, begin=0, seconds=1)


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path))
    return []


def test_operations_are_told_in_peoples_words(told: list[str]):
    account = _Account(told.append)
    for line in (
        "--> Connecting to hosts...\n",
        "    [@local] Connected\n",
        "--> Starting operation: Base | Time \n",
        "    [@local] Skipped\n",
        "    [@qemu/root] No changes\n",
        "\n",
        "--> Starting operation: Base | ssh \n",
        "    [@qemu/root] Success\n",
        "--> Starting operation: Caddy | Caddy runs \n",
        "    [@qemu/root] port 8080 is taken\n",
        "    [@qemu/root] Error: executed 0 commands\n",
    ):
        account.take(line)
    account.done()
    assert told == [
        "  Base: Time: as wanted",
        "  Base: ssh: changed",
        "    port 8080 is taken",
        "    Error: executed 0 commands",
        "  Caddy: Caddy runs: failed",
    ]
    assert account.said == ["port 8080 is taken", "Error: executed 0 commands"]


def test_a_failure_is_told_by_the_host_that_failed(tmp_path: Path):
    with pytest.raises(StepFailed) as error:
        refuse_failure(ended(tmp_path / "log", code=1, said=("port 8080 is taken",)))
    assert error.value.why == "port 8080 is taken"
    assert str(tmp_path / "log") in error.value.fix


def test_a_failure_that_no_host_told_shows_the_end_of_the_log(tmp_path: Path):
    (tmp_path / "log").write_text("--> Disconnecting\nTypeError: no\n\n--> The full traceback is elsewhere\n")
    with pytest.raises(StepFailed) as error:
        refuse_failure(ended(tmp_path / "log", code=1))
    assert error.value.why == "TypeError: no"


def test_success_is_silent(tmp_path: Path):
    refuse_failure(ended(tmp_path / "log", code=0))
