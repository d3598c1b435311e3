from pathlib import Path

import pytest

from rockpool.errors import InputError
from rockpool.execute import settings
from rockpool.spec import GIB


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path))
    return tmp_path / "settings.toml"


def test_without_settings_the_machine_fits_the_host(file: Path):
    machine = settings.machine()
    assert machine.name == "root"
    assert GIB <= machine.memory <= 8 * GIB
    assert [forward.host_port for forward in machine.forwards] == [8080, 8081, 8082]


def test_what_is_chosen_counts(file: Path):
    file.write_text('[machine]\nmemory = "3g"\n[ports]\napp = 18080\n')
    machine = settings.machine()
    assert machine.memory == 3 * GIB
    assert settings.base_urls(machine) == {
        "app": "http://localhost:18080", "ide": "http://localhost:8081", "preview": "http://localhost:8082",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[machine", "must be TOML"),
        ("[machin]\n", "`machin` is not known"),
        ("[ports]\nweb = 1\n", "`ports.web` is not known"),
        ("ports = 1\n", "`ports` must be a table"),
        ('[machine]\nmemory = "much"\n', "`memory` must be"),
        ("[ports]\napp = 8081\n", "each host port once"),
        ('[machine]\ncpus = 0\nmemory = "1k"\n[ports]\napp = 0\n', "`cpus`.*`forwards.*`memory`"),
    ],
)
def test_what_is_wrong_is_told_all_at_once(file: Path, content: str, says: str):
    file.write_text(content)
    with pytest.raises(InputError, match=says):
        settings.machine()
