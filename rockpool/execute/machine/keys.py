"""The keys of a machine, and what an ssh client needs to reach it: made once, before it boots."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rockpool.errors import Damaged
from rockpool.execute import files, process
from rockpool.execute.machine.directory import Directory, whole
from rockpool.spec import Machine

USER_KEY = "id_ed25519"
HOST_KEY = "host_ed25519"


@dataclass(frozen=True, kw_only=True)
class SshAddress:
    """How ssh reaches a machine. `known_hosts` holds its host key already: no first-use question."""

    host: str
    port: int
    user: str
    key: Path
    known_hosts: Path


def ssh_address(name: str) -> SshAddress:
    """Return how ssh reaches a machine, running or not. Raises NotFound, Damaged when half made or a key is open."""
    machine, spec = whole(name)
    refuse_open(machine)
    return SshAddress(
        host="127.0.0.1",
        port=spec.ssh_port,
        user="root",
        key=machine.path / USER_KEY,
        known_hosts=machine.path / "known_hosts",
    )


def make(machine: Directory) -> None:
    """Make the user's and the machine's key where they are missing."""
    for name in (USER_KEY, HOST_KEY):
        if not (machine.path / name).is_file():
            _make_key(machine.path / name, f"rockpool {machine.name}")


def write_client_files(machine: Directory, spec: Machine) -> None:
    """Write `known_hosts` and `ssh_config` for the port that the machine has."""
    for file, content in _client_files(machine, spec).items():
        files.write(machine.path / file, content)


def has_client_files(machine: Directory, spec: Machine) -> bool:
    """Say whether `known_hosts` and `ssh_config` are as they were written."""
    try:
        return all((machine.path / file).read_text() == text for file, text in _client_files(machine, spec).items())
    except (OSError, ValueError):
        return False


def _client_files(machine: Directory, spec: Machine) -> dict[str, str]:
    public = (machine.path / f"{HOST_KEY}.pub").read_text().split()
    known = f"[127.0.0.1]:{spec.ssh_port} {public[0]} {public[1]}\n"
    return {"known_hosts": known, "ssh_config": _ssh_config(machine, spec)}


def refuse_open(machine: Directory) -> None:
    """Raise Damaged when others can read or write a private key: ssh would not use it, and it may have been copied."""
    for name in (USER_KEY, HOST_KEY):
        mode = (machine.path / name).stat().st_mode & 0o777
        if mode & 0o077:
            raise Damaged(
                f"the key {machine.path / name} is open to others (mode {mode:o})",
                why="whoever read it can log in to the machine or pose as it",
                fix=f"chmod 600 {machine.path / name}, if you trust everybody on this computer; "
                "otherwise destroy the machine and create it anew",
            )


def _make_key(path: Path, comment: str) -> None:
    draft = path.with_name(f".{path.name}.new")
    for stale in (draft, draft.with_name(f"{draft.name}.pub")):
        stale.unlink(missing_ok=True)
    process.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(draft)), seconds=30)
    # The private half comes last: where it is, its public half is too.
    draft.with_name(f"{draft.name}.pub").rename(path.with_name(f"{path.name}.pub"))
    draft.rename(path)


def _ssh_config(machine: Directory, spec: Machine) -> str:
    def quoted(file: str) -> str:
        return '"' + str(machine.path / file).replace("%", "%%") + '"'

    return f"""\
Host {machine.name}
  HostName 127.0.0.1
  Port {spec.ssh_port}
  User root
  IdentityFile {quoted(USER_KEY)}
  IdentitiesOnly yes
  UserKnownHostsFile {quoted("known_hosts")}
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  ConnectTimeout 20
  ServerAliveInterval 20
  LogLevel ERROR
"""
