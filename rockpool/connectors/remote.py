"""`@remote/HOST`: any reachable Debian by ssh. pyinfra's own connector, made quick: see docs/adr."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from paramiko import SSHException
from pyinfra import logger
from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import InventoryError
from pyinfra.api.state import StateStage
from pyinfra.connectors.ssh import SSHConnector
from pyinfra.connectors.util import (
    CommandOutput,
    OutputLine,
    make_unix_command_for_host,
    remove_any_sudo_askpass_file,
)

from rockpool.connectors import replay
from rockpool.connectors.memory import Memory, Traffic

PREFETCH_SECONDS = 180

# A failed login is told in our words; paramiko's own would be a traceback for each attempt while a machine boots.
logging.getLogger("paramiko").addHandler(logging.NullHandler())

_CONTROL = ("_get_pty", "_timeout", "_stdin", "_success_exit_codes")


class RemoteConnector(SSHConnector):
    """ssh without Nagle's delay, that asks all facts of the last run in one round trip.

    An answer is used until the first command that is not a fact, or the first file transfer, on this host. `traffic`
    counts the round trips; it is also kept as `traffic.json` beside the remembered questions.
    """

    @staticmethod
    def make_names_data(name: str | None) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        """Offer one host: `@remote/HOST`."""
        if not name:
            raise InventoryError("@remote needs a host: @remote/HOST")
        yield f"@remote/{name}", {"ssh_hostname": name}, ["@remote"]

    def __init__(self, state: Any, host: Any) -> None:
        super().__init__(state, host)
        self.traffic = Traffic()
        self._asking = 0
        self._stage: StateStage | None = None
        self._memory: Memory | None = None
        self._ask = host.get_fact
        host.get_fact = self._get_fact

    def directory(self) -> Path:
        """Return where this host's remembered questions and figures are kept."""
        from rockpool.execute import home

        return home.home() / "hosts" / self.host.name.lstrip("@").replace("/", "-")

    @property
    def memory(self) -> Memory:
        """What this deploy asked this host last time."""
        if self._memory is None:
            deploy = Path(self.state.current_deploy_filename or "other").stem
            self._memory = Memory(self.directory() / f"asked.{deploy}.json")
        return self._memory

    def _connect(self) -> None:
        super()._connect()
        self.traffic.connections += 1
        transport = self.client.get_transport() if self.client else None
        if transport and isinstance(transport.sock, socket.socket):
            transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def disconnect(self) -> None:
        """Close the transport too, and keep what was learned."""
        if self.client is None:
            return
        remove_any_sudo_askpass_file(self.host)
        self._close()
        self._keep()

    def _close(self) -> None:
        super().disconnect()
        if self.client is not None:
            self.client.close()
        self.client = None

    def _keep(self) -> None:
        from rockpool.execute import files

        try:
            # A run that broke off has not asked everything: the longer list of last time serves better.
            if self.host not in self.state.failed_hosts:
                self.memory.save()
            self.directory().mkdir(mode=0o711, parents=True, exist_ok=True)
            files.write(self.directory() / "traffic.json", json.dumps(vars(self.traffic)) + "\n", mode=0o600)
        except OSError as error:
            logger.warning("cannot remember the facts of %s: %s", self.host.name, error)

    def _get_fact(self, *args: Any, **kwargs: Any) -> Any:
        self._asking += 1
        try:
            return self._ask(*args, **kwargs)
        finally:
            self._asking -= 1

    def run_shell_command(
        self, command: Any, print_output: bool = False, print_input: bool = False, **arguments: Any
    ) -> tuple[bool, CommandOutput]:
        """Run a command, or answer a fact from memory."""
        question = self._question(command, arguments) if self._asking else None
        if not self._asking:
            self.memory.forget()
        if question is not None:
            self._prefetch()
            if found := self.memory.answer(question):
                self.traffic.answered += 1
                return True, CommandOutput([OutputLine("stdout", line) for line in found.lines])
        self.traffic.round_trips += 1
        return super().run_shell_command(command, print_output, print_input, **arguments)

    def put_file(self, *args: Any, **kwargs: Any) -> bool:
        """Transfer a file to the host."""
        self.memory.forget()
        return super().put_file(*args, **kwargs)

    def _put_file(self, filename_or_io: str | IO[Any], remote_location: str) -> None:
        self.traffic.round_trips += 1
        super()._put_file(filename_or_io, remote_location)  # type: ignore[no-untyped-call]  # pyinfra has no types there

    def _get_file(self, remote_filename: str, filename_or_io: str | IO[Any]) -> None:
        self.traffic.round_trips += 1
        super()._get_file(remote_filename, filename_or_io)

    def rsync(self, *args: Any, **kwargs: Any) -> bool:
        """Transfer a tree to the host."""
        self.memory.forget()
        self.traffic.round_trips += 1
        return bool(super().rsync(*args, **kwargs))

    def _question(self, command: Any, arguments: dict[str, Any]) -> str | None:
        """Return the text that identifies a fact's command, or None for one that must not be remembered."""
        if arguments.get("_stdin") or arguments.get("_get_pty"):
            return None
        if list(arguments.get("_success_exit_codes") or [0]) != [0]:
            return None
        if arguments.get("_sudo_password") or arguments.get("_su_password"):
            return None
        plain = {key: value for key, value in arguments.items() if key not in _CONTROL}
        if not isinstance(command, StringCommand):
            command = StringCommand(command)
        full = make_unix_command_for_host(self.state, self.host, command, **plain)
        raw = full.get_raw_value()
        # What differs when it is shown holds a secret.
        return raw if raw == str(full) else None

    def _prefetch(self) -> None:
        # Between a plan and its execution a person may have thought for an hour: ask again.
        if self._stage == self.state.current_stage:
            return
        self._stage = self.state.current_stage
        self.memory.renew()
        if commands := self.memory.remembered():
            self.memory.learn(self._replay(commands))

    def _replay(self, commands: tuple[str, ...]) -> dict[str, replay.Answer]:
        if self.client is None:
            return {}
        self.traffic.round_trips += 1
        try:
            stdin, stdout, _ = self.client.exec_command("sh -s", timeout=PREFETCH_SECONDS)
            stdin.write(replay.script(commands).encode())
            stdin.channel.shutdown_write()
            return replay.parse(stdout.read(), commands)
        except (OSError, EOFError, SSHException) as error:
            logger.warning("%s: asking all facts at once failed (%s); asking one by one", self.host.name, error)
            return {}
