"""What a fresh system learns at its first boot, by systemd credentials: nothing set in the image, no key in argv."""

from __future__ import annotations

import os
from base64 import b64encode

from rockpool.execute import files
from rockpool.execute.machine.account import Account
from rockpool.execute.machine.directory import Directory
from rockpool.execute.machine.keys import HOST_KEY, USER_KEY
from rockpool.runtimes.qemu_command import credential_text

# systemd-tmpfiles-setup imports every credential named tmpfiles.*: it puts the host key in place before sshd starts.
_HOST_KEY_LINE = b"f+^ /etc/ssh/ssh_host_ed25519_key 0600 root root - tmpfiles.hostkey\n"


def write(machine: Directory, arch: str, account: Account) -> dict[str, str]:
    """Write one 0600 file a credential, readable by the account QEMU runs as; return the files by credential."""
    values = {
        "ssh.authorized_keys.root": (machine.path / f"{USER_KEY}.pub").read_bytes(),
        "system.hostname": machine.name.encode(),
        "tmpfiles.extra": _HOST_KEY_LINE,
        "tmpfiles.hostkey": (machine.path / HOST_KEY).read_bytes(),
    }
    return {name: _write(machine, arch, account, name, value) for name, value in values.items()}


def _write(machine: Directory, arch: str, account: Account, name: str, value: bytes) -> str:
    file = f"credential.{name}"
    files.write(machine.path / file, credential_text(arch, name, b64encode(value).decode(), value), mode=0o600)
    if account.separate:
        os.chown(machine.path / file, account.uid, account.gid)
    return file
