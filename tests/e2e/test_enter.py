"""What enters a real workspace arrives as it was sent, and what is copied out is what was copied in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bed.site import Site
from tests.execute.test_workspaces import HARD

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]


def test_words_arrive_as_sent(shared_site: Site) -> None:
    done = shared_site.rockpool("workspace", "exec", "demo", "--", "printf", "%s\\0", *HARD)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\0")[:-1] == list(HARD)


@pytest.mark.parametrize("code", [0, 3, 255])
def test_it_ends_as_it_ended_inside(shared_site: Site, code: int) -> None:
    assert shared_site.rockpool("workspace", "exec", "demo", "--", "sh", "-c", f"exit {code}").returncode == code


def test_what_goes_in_comes_out(shared_site: Site, tmp_path: Path) -> None:
    (tmp_path / "in/-odd").mkdir(parents=True)
    (tmp_path / "in/-odd/a b'\n").write_bytes(bytes(range(256)) * 1000)
    (tmp_path / "in/run").write_text("#!/bin/sh\nid -un\n")
    (tmp_path / "in/run").chmod(0o755)
    (tmp_path / "in/link").symlink_to("run")
    sent = shared_site.rockpool("workspace", "cp", str(tmp_path / "in"), "demo:copied")
    assert sent.returncode == 0, sent.stderr
    ran = shared_site.rockpool("workspace", "exec", "demo", "--", "./copied/link")
    assert ran.stdout == "coder\n", ran.stderr
    got = shared_site.rockpool("workspace", "cp", "demo:copied", str(tmp_path / "out"))
    assert got.returncode == 0, got.stderr
    assert (tmp_path / "out/-odd/a b'\n").read_bytes() == (tmp_path / "in/-odd/a b'\n").read_bytes()
    assert (tmp_path / "out/link").readlink() == Path("run")


def test_a_missing_path_is_told(shared_site: Site, tmp_path: Path) -> None:
    done = shared_site.rockpool("workspace", "cp", "demo:nothing-here", str(tmp_path))
    assert (done.returncode, "nothing-here" in done.stderr) == (7, True), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_workspace_is_told(shared_site: Site) -> None:
    done = shared_site.rockpool("workspace", "exec", "nobody", "--", "true")
    assert done.returncode == 5, done.stderr
