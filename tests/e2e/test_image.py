"""What the images bring is used: in the root VM, and in a workspace made from ours."""

import json

import pytest

from rockpool.errors import StepFailed
from tests.bed.guest import Guest
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.timeout(600)]

HOME = "/var/lib/rockpool-ws/homes/demo"
TOOLS = (
    *("curl", "g++", "gcc", "git", "jq", "less", "make", "node", "npm", "python3", "rg", "rsync", "ssh", "strace"),
    *("sudo", "tmux", "vim", "wget", "zip"),
)
MIB = 1024**2


@pytest.fixture(scope="module")
def guest(shared_site: Site) -> Guest:
    return shared_site.guest


def kept(guest: Guest) -> int:
    """Return the bytes that Podman keeps on the workspaces disk."""
    return int(guest.run("du", "--summarize", "--bytes", "/var/lib/rockpool-ws/containers").split()[0])


def test_a_new_container_copies_nothing_of_the_image(guest: Guest) -> None:
    image = guest.run(*guest.podman("inspect", "--format", "{{.ImageName}}", guest.container)).strip()
    size = int(guest.run(*guest.podman("image", "inspect", "--format", "{{.Size}}", image)))
    assert size > 100 * MIB  # the control: a copy would show

    before = kept(guest)
    guest.run(*guest.podman("create", "--network=none", "--userns=nomap", "--name=probe", image, "true"))
    assert kept(guest) - before < 5 * MIB
    guest.run(*guest.podman("rm", "probe"))


def test_the_queue_runs_from_the_archive_of_its_classes(guest: Guest) -> None:
    maps = guest.sh('cat "/proc/$(systemctl show --property MainPID --value elasticmq)/maps"')
    assert "/usr/share/rockpool/elasticmq/classes.jsa" in maps


@pytest.mark.proof
def test_the_archive_is_made_again_when_java_changes(guest: Guest) -> None:
    archive = "/usr/share/rockpool/elasticmq/classes.jsa"
    before = guest.run("stat", "--format=%i %y", archive)
    guest.run("dpkg-trigger", "--by-package=rockpool-caddy", "/usr/lib/jvm", seconds=30)
    guest.run("dpkg", "--configure", "--pending", seconds=500)
    assert guest.run("stat", "--format=%i %y", archive) != before


def test_the_control_planes_python_has_its_packages_and_no_installer(guest: Guest) -> None:
    modules = "alembic, boto3, click, fastapi, httpx, prometheus_client, sqlalchemy, sqlite3, uvicorn"
    script = 'set -- /usr/lib/rockpool/python/*/bin/python; "$1" -I -c "import $0; print(fastapi.__cached__)"'
    cached = guest.run("sh", "-euc", script, modules).strip()
    guest.run("test", "-f", cached)
    with pytest.raises(StepFailed, match="No module named pip"):
        guest.sh("set -- /usr/lib/rockpool/python/*/bin/python; $1 -m pip >&2")


def test_a_workspace_has_the_tools_of_the_day(guest: Guest) -> None:
    script = 'for tool; do command -v "$tool" >/dev/null || echo "$tool"; done; test -x /usr/sbin/sshd'
    assert guest.run(*guest.workspace, "sh", "-euc", script, "sh", *TOOLS) == ""


@pytest.mark.proof
def test_packages_are_installed_by_sudo_inside_a_workspace(guest: Guest) -> None:
    for words in (("update",), ("install", "--yes", "hello")):
        guest.run(*guest.workspace, "sudo", "apt", *words, seconds=400)
    assert guest.run(*guest.workspace, "hello") == "Hello, world!\n"


def test_a_new_home_begins_without_chat_telemetry_and_update_checks(guest: Guest) -> None:
    settings = json.loads(guest.run("cat", f"{HOME}/.local/share/code-server/User/settings.json"))
    assert settings["chat.disableAIFeatures"] is True
    assert settings["telemetry.telemetryLevel"] == "off"
    assert settings["update.mode"] == "none"


def test_a_workspace_that_is_stopped_lets_everything_inside_end_by_itself(guest: Guest) -> None:
    saves = "trap 'sleep 1; echo saved > ~/saved; exit' TERM; touch ~/begun; while :; do sleep 0.1; done"
    guest.run(
        *guest.workspace,
        "sh",
        "-euc",
        'setsid sh -c "$1" >/dev/null 2>&1 & until test -e ~/begun; do sleep 0.1; done',
        "sh",
        saves,
    )
    guest.run(*guest.podman("stop", "--time=60", guest.container))
    assert guest.run(*guest.podman("inspect", "--format", "{{.State.ExitCode}}", guest.container)).strip() == "0"
    assert guest.run("cat", f"{HOME}/saved") == "saved\n"
