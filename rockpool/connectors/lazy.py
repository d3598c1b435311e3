"""A machine that may not exist yet, or not run: what pyinfra is told about it, and when it is really reached."""

from __future__ import annotations

import os
import platform
import sys
import time
from enum import StrEnum
from typing import Any, Protocol

from paramiko import SSHException
from pyinfra import logger
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.state import StateStage
from pyinfra.connectors.sshuserclient.client import get_host_keys
from pyinfra.connectors.util import CommandOutput, OutputLine

from rockpool.connectors.remote import RemoteConnector
from rockpool.errors import RockpoolError


class Presence(StrEnum):
    """Whether there is a machine of that name."""

    ABSENT = "absent"
    STOPPED = "stopped"
    RUNNING = "running"


class Address(Protocol):
    """Where and as whom a machine answers ssh; `key` and `known_hosts` are files."""

    @property
    def host(self) -> str: ...  # noqa: D102  # the class says it
    @property
    def port(self) -> int: ...  # noqa: D102
    @property
    def user(self) -> str: ...  # noqa: D102
    @property
    def key(self) -> os.PathLike[str]: ...  # noqa: D102
    @property
    def known_hosts(self) -> os.PathLike[str]: ...  # noqa: D102


class LazyConnector(RemoteConnector):
    """Connects at the first command.

    While a plan is prepared, an absent machine answers every question with nothing (and says which system it will be),
    so the whole plan shows; a stopped one is refused with the fix. While the plan is carried out, a machine that does
    not answer is a failure.
    """

    start_hint = ""
    """The command that starts a stopped machine."""

    @property
    def machine(self) -> str:
        """The machine's name: what stands behind the slash."""
        return str(self.host.name).partition("/")[2]

    def look(self) -> Presence:
        """Say whether the machine is there, without reaching into it."""
        raise NotImplementedError

    def address(self) -> Address:
        """Return where it answers now; the port of a machine made moments ago is known only then."""
        raise NotImplementedError

    def connect(self) -> None:
        """Reach nothing yet. Refuse a stopped machine when only a plan is wanted: all of it would look undone."""
        if self.state.check_for_changes and self.look() is Presence.STOPPED:
            if not sys.stdin.isatty():
                # pyinfra would ask a person whether to go on without this host, and there is none.
                self.state.config.FAIL_PERCENT = None
            raise ConnectError(self._why(Presence.STOPPED))

    def make_paramiko_kwargs(self) -> dict[str, Any]:
        """Take the address fresh; the user's own ssh configuration has nothing to say about a machine of ours."""
        address = self.address()
        self.data["ssh_hostname"], self.data["ssh_port"] = address.host, address.port
        self.data["ssh_user"], self.data["ssh_key"] = address.user, os.fspath(address.key)
        self.data["ssh_known_hosts_file"] = os.fspath(address.known_hosts)
        self.data["ssh_strict_host_key_checking"] = "yes"
        self.data["ssh_config_file"] = os.devnull
        self.state.private_keys.pop(self.data["ssh_key"], None)
        get_host_keys.cache.clear()
        return super().make_paramiko_kwargs()

    def await_boot(self, seconds: float) -> str:
        """Wait until a login works; return nothing, or why it does not: it is not running, or the time is over."""
        begin = told = time.monotonic()
        while fault := self.reach():
            now = time.monotonic()
            if self.look() is not Presence.RUNNING or now - begin > seconds or not self._has_address():
                return fault
            if now - told >= 10:
                told = now
                self.host.log(f"waiting until {self.machine} answers: {now - begin:.0f} s of {seconds:.0f} s")
            time.sleep(0.5)  # gevent's, so that the other hosts go on
        return ""

    def reach(self) -> str:
        """Connect unless connected; return nothing, or why that is not possible now."""
        if self.client is not None:
            transport = self.client.get_transport()
            if transport is not None and transport.is_active():
                return ""
            self._close()
            self.memory.forget()
        presence = self.look()
        if presence is not Presence.RUNNING:
            return self._why(presence)
        try:
            super().connect()
        except RockpoolError as error:
            return str(error)
        except (ConnectError, OSError, SSHException) as error:
            if self.client is not None:
                self._close()
            return f"machine {self.machine} does not answer\n  why: {error}"
        return ""

    def _has_address(self) -> bool:
        try:
            self.address()
        except RockpoolError:
            return False
        return True

    def run_shell_command(
        self, command: Any, print_output: bool = False, print_input: bool = False, **arguments: Any
    ) -> tuple[bool, CommandOutput]:
        """Run a command in the machine, or answer for it while it does not exist."""
        if self._is_imagined():
            return True, CommandOutput([OutputLine("stdout", line) for line in imagine(str(command))])
        if fault := self.reach():
            return False, CommandOutput([OutputLine("stderr", line) for line in fault.splitlines()])
        return super().run_shell_command(command, print_output, print_input, **arguments)

    def put_file(self, *args: Any, **kwargs: Any) -> bool:
        """Transfer a file to the machine; False when it does not answer."""
        return self._reaches() and super().put_file(*args, **kwargs)

    def get_file(self, *args: Any, **kwargs: Any) -> bool:
        """Fetch a file from the machine; False when it does not answer."""
        return self._reaches() and super().get_file(*args, **kwargs)

    def rsync(self, *args: Any, **kwargs: Any) -> bool:
        """Transfer a tree; False when the machine does not answer."""
        return self._reaches() and super().rsync(*args, **kwargs)

    def _is_imagined(self) -> bool:
        planning = self.state.current_stage is not StateStage.Execute
        return planning and self.client is None and self.look() is Presence.ABSENT

    def _reaches(self) -> bool:
        if fault := self.reach():
            self.host.log(fault, log_func=logger.error)
        return not fault

    def _why(self, presence: Presence) -> str:
        if presence is Presence.ABSENT:
            return f"machine {self.machine} does not exist\n  fix: run the whole deploy, which makes it"
        fix = f"{self.start_hint}, or deploy with -y, which starts it"
        return f"machine {self.machine} is stopped\n  why: what is inside cannot be seen\n  fix: {fix}"


def imagine(command: str) -> list[str]:
    """Return what the system of our image answers to the questions that operations branch on; nothing to others."""
    from pyinfra.facts.server import LinuxDistribution

    if "uname -s" in command:
        return ["Linux"]
    if "uname -m" in command:
        return [platform.machine().replace("arm64", "aarch64")]
    if LinuxDistribution().command() in command:
        release = ('NAME="Debian GNU/Linux"', 'VERSION_ID="13"', "VERSION_CODENAME=trixie", "ID=debian")
        return ["/etc/os-release", *release, "---"]
    return []
