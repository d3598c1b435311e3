"""The units of a user's own manager, over D-Bus: a systemctl would be a process for each act."""

from __future__ import annotations

import os
import struct

from rockpool.guest.sockets import connect
from rockpool.guest.wire import pack, unpack

Value = object

ANSWER_WITHIN = 90.0
"""Seconds for one answer, and for the end of one job."""

_MANAGER = ("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager")
_BUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
_DONE = "type='signal',interface='org.freedesktop.systemd1.Manager',member='JobRemoved'"
_REPLY, _ERROR, _SIGNAL = 2, 3, 4


class UnitError(OSError):
    """Why the manager did not do as told. `name` is that of the D-Bus error, empty when a job failed."""

    def __init__(self, text: str, name: str = "") -> None:
        super().__init__(text)
        self.name = name


class Units:
    """A connection to the manager. Raises UnitError, or OSError when nobody answers in time."""

    def __init__(self, path: str = "") -> None:
        self._left = bytearray()
        self._serial = 0
        self._ended: dict[str, str] = {}
        self._socket = connect(path or f"{os.environ['XDG_RUNTIME_DIR']}/bus", ANSWER_WITHIN)
        self._socket.send(b"\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n")  # who we are, the kernel tells
        for _ in range(2):
            self._line()
        self._call(_BUS, "Hello")
        self._call(_BUS, "AddMatch", "s", _DONE)

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def start(self, *units: str) -> None:
        """Start units and return when all have started."""
        self._await([self._job("StartUnit", unit) for unit in units])

    def stop(self, *units: str) -> None:
        """Stop units and return when all have stopped."""
        self._await([self._job("StopUnit", unit) for unit in units])

    def listening(self, pattern: str) -> list[str]:
        """Return the socket units that listen."""
        (units,) = self._call(_MANAGER, "ListUnitsByPatterns", "asas", ["listening", "running"], [pattern])
        return [unit[0] for unit in units]  # type: ignore[attr-defined]  # what the signature says

    def tie(self, name: str, unit: str, to: str) -> None:
        """Have the manager stop `unit` as soon as `to` has ended, by a slice that holds nothing but this rule."""
        rule = [
            ("BindsTo", ("as", [to])),
            ("After", ("as", [to])),
            ("PropagatesStopTo", ("as", [unit])),
            ("CollectMode", ("s", "inactive-or-failed")),
            ("Description", ("s", f"{unit} ends with its container")),
        ]
        try:
            (job,) = self._call(_MANAGER, "StartTransientUnit", "ssa(sv)a(sa(sv))", f"{name}.slice", "fail", rule, [])
        except UnitError as error:
            if error.name != "org.freedesktop.systemd1.UnitExists":
                raise
        else:
            self._await([str(job)])

    def _job(self, member: str, unit: str) -> str:
        return str(self._call(_MANAGER, member, "ss", unit, "replace")[0])

    def _await(self, jobs: list[str]) -> None:
        """Return when all of these jobs have ended well."""
        for job in jobs:
            while job not in self._ended:
                self._message()
        bad = [self._ended[job] for job in jobs if not self._ended[job].endswith((": done", ": skipped"))]
        if bad:
            raise UnitError(f"the manager could not: {', '.join(bad)}")

    def _call(self, to: tuple[str, str, str], member: str, signature: str = "", *values: Value) -> list[Value]:
        self._serial += 1
        self._socket.sendall(_request(self._serial, to, member, signature, values))
        while True:
            kind, fields, body = self._message()
            if fields.get(5) != self._serial:
                continue
            if kind == _ERROR:
                raise UnitError(" ".join(map(str, body[:1])), str(fields[4]))
            return body

    def _message(self) -> tuple[int, dict[int, Value], list[Value]]:
        """Read one message; the end of a job is remembered."""
        head = self._take(16)
        kind, (size, _, length) = head[1], struct.unpack_from("<III", head, 4)
        rest = self._take(-(-length // 8) * 8 + size)
        (fields,), _ = unpack("a(yv)", head + rest, 12)
        told = dict(fields)  # type: ignore[call-overload]  # what the signature says
        body, _ = unpack(str(told.get(8, "")), rest[len(rest) - size :])
        if kind == _SIGNAL and told.get(3) == "JobRemoved":
            self._ended[str(body[1])] = f"{body[2]}: {body[3]}"
        return kind, told, body

    def _line(self) -> None:
        while b"\r\n" not in self._left:
            self._more()
        line, _, self._left = self._left.partition(b"\r\n")
        if not line.startswith((b"DATA", b"OK")):
            raise UnitError(f"the bus refused: {line.decode(errors='replace')}")

    def _take(self, count: int) -> bytes:
        while len(self._left) < count:
            self._more()
        taken, self._left = bytes(self._left[:count]), self._left[count:]
        return taken

    def _more(self) -> None:
        received = self._socket.recv(65536)
        if not received:
            raise UnitError("the bus ended the connection")
        self._left += received


def _request(serial: int, to: tuple[str, str, str], member: str, signature: str, values: tuple[Value, ...]) -> bytes:
    body = pack(signature, *values)
    fields = [(6, ("s", to[0])), (1, ("o", to[1])), (2, ("s", to[2])), (3, ("s", member)), (8, ("g", signature))]
    head = pack("yyyyuua(yv)", ord("l"), 1, 0, 1, len(body), serial, fields)
    return head + bytes(-len(head) % 8) + body
