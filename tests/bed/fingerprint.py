"""What a deployed machine is, said in lines that can be compared; and what the deploy manages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from rockpool.execute.deploy import ROOT
from tests.bed.guest import Guest

_LISTING = ROOT / "tests/bed/listing.py"


Ring = Literal["hypervisors", "root_vms"]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation of the deploy: its name, the function (`files.config`), and its arguments."""

    name: str
    kind: str
    arguments: dict[str, Any]


def operations(ring: Ring = "root_vms") -> tuple[Operation, ...]:
    """Return every operation that the deploy has for a ring, asked of pyinfra for a machine that is absent."""
    with TemporaryDirectory() as empty:
        (home := Path(empty) / "home").mkdir()
        env = {**os.environ, "ROCKPOOL_HOME": str(home), "ROCKPOOL_LISTING": empty}
        argv = (sys.executable, "-m", "pyinfra", "--dry", "inventories/local.py", "deploys/root_vm.py", str(_LISTING))
        subprocess.run(argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=300)
        return tuple(Operation(**row) for row in json.loads((Path(empty) / ring).read_text()))


def paths(managed: Iterable[Operation]) -> list[str]:
    """Return the files, links and directories that these operations name."""
    named = (operation.arguments.get(key) for operation in managed for key in ("dest", "path", "file"))
    return sorted({path for path in named if path})


def units(managed: Iterable[Operation]) -> list[tuple[str, str]]:
    """Return the units that these operations name, each with its user; the system's with none."""
    named = (operation.arguments for operation in managed if operation.kind.startswith("units."))
    return sorted({(arguments.get("user", ""), arguments["unit"]) for arguments in named})


def fingerprint(guest: Guest, managed: Iterable[Operation]) -> dict[str, str]:
    """Return packages, managed files, units, rules, accounts and sockets of a machine: a line each, by what it is."""
    managed = tuple(managed)
    unit_words = [f"{user}:{unit}" for user, unit in units(managed)]
    objects = guest.run("python3", "-c", _OBJECTS, *paths(managed), *_FILES, "--", *unit_words, seconds=600)
    lines = (objects + guest.sh(_OTHERS, seconds=600)).splitlines()
    return {key: value for key, _, value in (line.partition("\t") for line in lines)}


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Say what differs between two fingerprints, a line each."""
    keys = sorted(one.keys() | other.keys())
    return [f"{key}: {one.get(key)} | {other.get(key)}" for key in keys if one.get(key) != other.get(key)]


_FILES = (
    "/etc/caddy/caddy.json",
    "/var/lib/rockpool-ws/.config/containers/storage.conf",
    "/etc/systemd/system/var-lib-rockpool.mount",
    r"/etc/systemd/system/var-lib-rockpool\x2dws.mount",
)
"""What operations write under a name of their own making."""

# One process for all files and one for each manager: a shell would start hundreds, at a tenth of a second each.
_OBJECTS = r"""
import grp, hashlib, os, pwd, stat, subprocess, sys

split = sys.argv.index("--")
paths, units = sys.argv[1:split], sys.argv[split + 1 :]

def name(find, number):
    try:
        return find(number)[0]
    except KeyError:
        return number

def told(path):
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return "absent"
    if stat.S_ISLNK(found.st_mode):
        return f"link {os.readlink(path)}"
    mode = f"{stat.S_IMODE(found.st_mode):o} {name(pwd.getpwuid, found.st_uid)} {name(grp.getgrgid, found.st_gid)}"
    if stat.S_ISREG(found.st_mode):
        with open(path, "rb") as file:
            return f"{mode} {hashlib.file_digest(file, 'sha256').hexdigest()}"
    return f"{mode} directory" if stat.S_ISDIR(found.st_mode) else f"{mode} {stat.filemode(found.st_mode)}"

for path in paths:
    print(f"path {path}\t{told(path)}")

by_user = {}
for word in units:
    user, _, unit = word.partition(":")
    by_user.setdefault(user, []).append(unit)
for user, names in by_user.items():
    manager = ["--user", f"--machine={user}@"] if user else []
    asked = ["systemctl", *manager, "show", "-p", "ActiveState,UnitFileState,NeedDaemonReload", *names]
    answered = subprocess.run(asked, capture_output=True, text=True, check=False)  # a manager may be down
    blocks = answered.stdout.split("\n\n") if answered.stdout else [""] * len(names)
    for name, block in zip(names, blocks, strict=True):
        print(f"unit {user}:{name}\t{' '.join(sorted(block.split()))}")
"""

_OTHERS = r"""
dpkg-query -W -f 'package ${Package}:${Architecture}\t${Version} ${db:Status-Status}\n'
nft -s list table inet rockpool | awk '{ printf "rule %d\t%s\n", NR, $0 }'
awk -F: '/^(caddy|elasticmq|rockpool-)/ { printf "user %s\t%s %s\n", $1, $6, $7 }' /etc/passwd
awk -F: '/^rockpool-/ { printf "subids %s\t%s\n", FILENAME, $0 }' /etc/subuid /etc/subgid
find /var/lib/systemd/linger /run/rockpool -mindepth 1 -printf 'entry %p\t%y %m %u %g\n'
ss -Hltn | awk '{ print $4 }' | sort -u | awk '{ print "listens " $1 "\t" }'
systemctl list-units --failed --plain --no-legend | awk '{ printf "failed %s\t\n", $1 }'
findmnt -rn -o TARGET,FSTYPE | awk '$1 ~ /rockpool/ { printf "mount %s\t%s\n", $1, $2 }'
"""
