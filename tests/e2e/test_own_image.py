"""A user's own image: built in the root VM, used at once, gone when nobody uses it."""

from pathlib import Path

import pytest

from rockpool.execute.image import inside
from tests.bed import small
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(3600)]

CONTAINERFILE = f"FROM {small.REFERENCE}\nCOPY page /www/index.html\nRUN id -u > /www/builder\n"


def test_it_is_built_used_and_pruned(own_site: Site, tmp_path: Path) -> None:
    guest = own_site.guest
    small.load(guest)
    (tmp_path / "page").write_text("mine\n")
    (tmp_path / "Containerfile").write_text(CONTAINERFILE)
    argv = ("image", "build", "workspace", "--file", str(tmp_path / "Containerfile"), "--tag")
    for tag in ("used", "unused"):
        done = own_site.rockpool(*argv, tag)
        assert done.returncode == 0, done.stderr

    done = own_site.rockpool("workspace", "create", "own", "--image", "used")
    assert done.returncode == 0, done.stderr
    assert guest.run(*guest.podman("exec", "ws-own"), "cat", "/www/index.html", "/www/builder") == "mine\n0\n"
    listed = own_site.rockpool("image", "list").stdout
    assert "localhost/rockpool/unused:latest" in listed

    # Not by the command: it would prune the bed's cache as well.
    assert "localhost/rockpool/unused:latest" in inside.prune()
    left = {name for image in inside.survey() for name in image.names}
    assert {"localhost/rockpool/used:latest", "localhost/rockpool/workspace:latest"} <= left
    assert "localhost/rockpool/unused:latest" not in left


def test_a_containerfile_that_fails_says_why_and_leaves_nothing(own_site: Site, tmp_path: Path) -> None:
    small.load(own_site.guest)
    (tmp_path / "Containerfile").write_text(f"FROM {small.REFERENCE}\nRUN echo too bad && false\n")
    done = own_site.rockpool("image", "build", "workspace", "--file", str(tmp_path / "Containerfile"), "--tag", "no")
    assert done.returncode == 7
    assert "too bad" in done.stderr
    assert (
        own_site.guest.run(*own_site.guest.podman("ps", "--all", "--external", "--quiet", "--filter=name=build")) == ""
    )
    assert own_site.guest.sh("ls /var/tmp | grep rockpool-build || :") == ""
