from pathlib import Path

import bcrypt
import pytest

from rockpool.errors import Damaged, HostNotReady, NotFound
from rockpool.execute import secrets


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path))
    return tmp_path / "secrets/admin.json"


def test_the_password_is_made_once_and_kept(file: Path):
    with pytest.raises(NotFound):
        secrets.admin()
    made = secrets.make()
    assert secrets.make() == secrets.admin() == made
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(made.password.reveal()) >= 32
    assert bcrypt.checkpw(made.password.reveal().encode(), made.bcrypt.reveal().encode())
    assert made.password.reveal() not in repr(made)


def test_a_file_that_others_can_read_is_refused_with_the_fix(file: Path):
    secrets.make()
    file.chmod(0o640)
    with pytest.raises(HostNotReady, match="chmod 600"):
        secrets.admin()


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"user": "admin"}'])
def test_a_damaged_file_is_told_and_not_replaced(file: Path, content: str):
    secrets.make()
    file.write_text(content)
    with pytest.raises(Damaged):
        secrets.make()
    assert file.read_text() == content
