"""What every service stands on, seen from inside the machine."""

import re
from pathlib import Path
from typing import Any

import pytest

from .sandbox import exposure

pytestmark = pytest.mark.vm

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = [
    line for line in (ROOT / "images/root_vm/packages.txt").read_text().splitlines() if line[:1] not in ("", "#")
]
ACCOUNTS = ("caddy", "elasticmq", "rockpool-api", "rockpool-worker")


def test_every_package_is_installed_and_dpkg_is_whole(host: Any) -> None:
    rows = host.check_output("dpkg-query -W -f '${db:Status-Status} ${Package}\\n'").splitlines()
    assert not set(PACKAGES) - {row.partition(" ")[2] for row in rows if row.startswith("installed ")}
    assert host.check_output("dpkg --audit") == ""


@pytest.mark.parametrize("package", ["rockpool-caddy", "rockpool-elasticmq"])
def test_files_of_our_packages_are_as_they_came(host: Any, package: str) -> None:
    assert host.package(package).is_installed
    assert host.check_output("dpkg --verify %s", package) == ""


def test_state_has_a_disk_of_its_own(host: Any) -> None:
    mount = host.mount_point("/var/lib/rockpool")
    assert mount.exists
    assert mount.filesystem == "ext4"
    assert {"noatime", "nodev", "nosuid"} <= set(mount.options)
    assert host.file("/var/lib/rockpool").mode == 0o755


def test_workspaces_have_a_disk_with_quotas(host: Any) -> None:
    mount = host.mount_point("/var/lib/rockpool-ws")
    assert mount.exists
    assert mount.filesystem == "xfs"
    assert {"noatime", "prjquota"} <= set(mount.options)


@pytest.mark.parametrize("path", ["/", "/var/lib/rockpool", "/var/lib/rockpool-ws"])
def test_file_systems_are_as_large_as_their_disks(host: Any, path: str) -> None:
    device, size = host.check_output("findmnt -bnvo SOURCE,SIZE --mountpoint %s", path).split()
    assert int(size) > 0.9 * int(host.check_output("blockdev --getsize64 %s", device))
    disk = host.check_output("lsblk -ndo PKNAME %s", device) or device.removeprefix("/dev/")
    total = int(host.check_output("blockdev --getsize64 %s", f"/dev/{disk}"))
    assert int(host.check_output("blockdev --getsize64 %s", device)) > 0.9 * total


def test_what_grows_them_is_hardened(host: Any) -> None:
    assert exposure(host, "rockpool-grow.service") <= 1.4


@pytest.mark.parametrize(
    "unit",
    [
        "rockpool-grow.service",
        "ssh.service",
        "systemd-journald.service",
        "systemd-timesyncd.service",
        "apt-daily.timer",
        "apt-daily-upgrade.timer",
        "var-lib-rockpool.mount",
        r"var-lib-rockpool\x2dws.mount",
    ],
)
def test_unit_runs_and_starts_at_boot(host: Any, unit: str) -> None:
    assert host.check_output("systemctl is-active %s", unit) == "active"
    assert host.run("systemctl is-enabled %s", unit).stdout.strip() in ("enabled", "static")


def test_nothing_has_failed(host: Any) -> None:
    assert host.check_output("systemctl list-units --failed --no-legend --plain") == ""


@pytest.mark.parametrize("user", ACCOUNTS)
def test_service_account_has_no_shell_and_no_password(host: Any, user: str) -> None:
    account = host.user(user)
    assert account.exists
    assert account.shell == "/usr/sbin/nologin"
    assert account.group == user
    assert host.check_output("passwd -S %s", user).split()[1] == "L"


def test_sshd_takes_keys_only(host: Any) -> None:
    options = dict(line.split(" ", 1) for line in host.check_output("sshd -T").splitlines())
    assert options["passwordauthentication"] == "no"
    assert options["kbdinteractiveauthentication"] == "no"
    assert options["permitrootlogin"] in ("prohibit-password", "without-password")
    assert options["pubkeyauthentication"] == "yes"


def test_upgrades_are_for_security_and_never_reboot(host: Any) -> None:
    config = host.check_output("apt-config dump")
    origins = re.findall(r'^Unattended-Upgrade::Origins-Pattern:: "(.*)";$', config, re.MULTILINE)
    assert origins == ["origin=Debian,codename=${distro_codename}-security,label=Debian-Security"]
    assert 'Unattended-Upgrade::Automatic-Reboot "false";' in config
    assert 'APT::Periodic::Unattended-Upgrade "1";' in config


@pytest.mark.parametrize(
    ("parameter", "least"), [("fs.inotify.max_user_watches", 1048576), ("fs.inotify.max_user_instances", 8192)]
)
def test_many_workspaces_fit_in_the_limits_of_one_user(host: Any, parameter: str, least: int) -> None:
    assert host.sysctl(parameter) >= least


def test_the_journal_is_kept_and_bounded(host: Any) -> None:
    assert host.file("/var/log/journal").is_directory
    assert "SystemMaxUse=500M" in host.check_output("systemd-analyze cat-config systemd/journald.conf")


def test_sockets_have_their_directory(host: Any) -> None:
    directory = host.file("/run/rockpool")
    assert (directory.user, directory.group, directory.mode) == ("root", "root", 0o755)
