"""The report of this host about a machine."""

from pathlib import Path

import pytest

from rockpool.execute import report


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path))


def test_a_report_keeps_the_last_deploy_and_the_last_drift() -> None:
    assert report.read("root") == {}
    report.deployed("root", changes=75, seconds=12.345)
    report.drifted("root", ["Caddy: Caddy runs"])
    report.deployed("root", changes=0, seconds=9)
    told = report.read("root")
    assert (told["deploy"]["changes"], told["deploy"]["seconds"]) == (0, 9)
    assert told["drift"]["operations"] == ["Caddy: Caddy runs"]


def test_a_damaged_report_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "hosts/root").mkdir(parents=True)
    (tmp_path / "hosts/root/report.json").write_text("{")
    report.drifted("root", [])
    assert set(report.read("root")) == {"drift"}
