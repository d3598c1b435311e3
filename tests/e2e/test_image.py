"""What the images bring is used: in the root VM, and in a workspace made from ours."""

import json

import pytest

from rockpool.errors import StepFailed
from tests.bed.guest import Guest

pytestmark = [pytest.mark.vm, pytest.mark.timeout(600)]

HOME = "/var/lib/rockpool-ws/homes/demo"
TOOLS = (
    *("curl", "g++", "gcc", "git", "jq", "less", "make", "node", "npm", "python3", "rg", "rsync", "ssh", "strace"),
    *("sudo", "tmux", "vim", "wget", "zip"),
)


def test_the_queue_runs_from_the_archive_of_its_classes(vm: Guest) -> None:
    maps = vm.sh('cat "/proc/$(systemctl show --property MainPID --value elasticmq)/maps"')
    assert "/usr/share/rockpool/elasticmq/classes.jsa" in maps


@pytest.mark.proof
def test_the_archive_is_made_again_when_java_changes(vm: Guest) -> None:
    archive = "/usr/share/rockpool/elasticmq/classes.jsa"
    before = vm.run("stat", "--format=%i %y", archive)
    vm.run("dpkg-trigger", "--by-package=rockpool-caddy", "/usr/lib/jvm", seconds=30)
    vm.run("dpkg", "--configure", "--pending", seconds=500)
    assert vm.run("stat", "--format=%i %y", archive) != before


def test_the_control_planes_python_has_its_packages_and_no_installer(vm: Guest) -> None:
    modules = "alembic, boto3, click, fastapi, httpx, prometheus_client, sqlalchemy, sqlite3, uvicorn"
    script = 'set -- /usr/lib/rockpool/python/*/bin/python; "$1" -I -c "import $0; print(fastapi.__cached__)"'
    cached = vm.run("sh", "-euc", script, modules).strip()
    vm.run("test", "-f", cached)
    with pytest.raises(StepFailed, match="No module named pip"):
        vm.sh("set -- /usr/lib/rockpool/python/*/bin/python; $1 -m pip >&2")


def test_a_workspace_has_the_tools_of_the_day(vm: Guest) -> None:
    script = 'for tool; do command -v "$tool" >/dev/null || echo "$tool"; done; test -x /usr/sbin/sshd'
    assert vm.run(*vm.workspace, "sh", "-euc", script, "sh", *TOOLS) == ""


@pytest.mark.proof
def test_packages_are_installed_by_sudo_inside_a_workspace(vm: Guest) -> None:
    for words in (("update",), ("install", "--yes", "hello")):
        vm.run(*vm.workspace, "sudo", "apt", *words, seconds=400)
    assert vm.run(*vm.workspace, "hello") == "Hello, world!\n"


def test_a_new_home_begins_without_chat_telemetry_and_update_checks(vm: Guest) -> None:
    settings = json.loads(vm.run("cat", f"{HOME}/.local/share/code-server/User/settings.json"))
    assert settings["chat.disableAIFeatures"] is True
    assert settings["telemetry.telemetryLevel"] == "off"
    assert settings["update.mode"] == "none"


def test_a_workspace_that_is_stopped_lets_everything_inside_end_by_itself(vm: Guest) -> None:
    saves = "trap 'sleep 1; echo saved > ~/saved; exit' TERM; touch ~/begun; while :; do sleep 0.1; done"
    vm.run(
        *vm.workspace,
        "sh",
        "-euc",
        'setsid sh -c "$1" >/dev/null 2>&1 & until test -e ~/begun; do sleep 0.1; done',
        "sh",
        saves,
    )
    vm.run(*vm.podman("stop", "--time=60", vm.container))
    assert vm.run(*vm.podman("inspect", "--format", "{{.State.ExitCode}}", vm.container)).strip() == "0"
    assert vm.run("cat", f"{HOME}/saved") == "saved\n"
