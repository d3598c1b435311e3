"""A network with no way out: runs as a program inside a fresh network namespace, until its stdin ends.

    unshare --net python closed_network.py RELAY_SOCKET ADDRESS…

Every address lies on a bridge. On port 80 of each, HTTP answers `IAM <the address asked>`, so that an answer proves who
gave it; on port 53, DNS knows every name below `test`. Whoever connects to RELAY_SOCKET and writes a line with a port
is connected to that port of the loopback in here: the way for ssh.
"""

from __future__ import annotations

import http.server
import ipaddress
import os
import socket
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

LAN = "lan0"


def main(relay: str, *addresses: str) -> None:
    """Make the network, prove that it is closed, say `ready`, serve."""
    if _links() != ["lo"]:
        sys.exit(f"not a fresh namespace: {_links()}")
    _make(addresses)
    _prove_closed()
    listeners = [_dns, lambda: _relay(relay), _Web(("::", 80), _Answer).serve_forever]
    for serve in listeners:
        threading.Thread(target=serve, daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()


def _ip(*words: str) -> str:
    return subprocess.run(("ip", *words), check=True, capture_output=True, text=True).stdout


def _links() -> list[str]:
    return sorted(line.split(": ")[1].split("@")[0] for line in _ip("-o", "link").splitlines())


def _make(addresses: tuple[str, ...]) -> None:
    _ip("link", "set", "lo", "up")
    _ip("link", "add", LAN, "type", "bridge")  # not every kernel has the dummy device
    Path(f"/proc/sys/net/ipv6/conf/{LAN}/accept_dad").write_text("0")
    _ip("link", "set", LAN, "up")
    for address in map(ipaddress.ip_address, addresses):
        whole = f"{address}/{address.max_prefixlen}"
        _ip("address", "replace", whole, "dev", LAN, *(["nodad"] if address.version == 6 else []))


def _prove_closed() -> None:
    if _links() != [LAN, "lo"]:
        sys.exit(f"something else is in this namespace: {_links()}")
    for target in ("203.0.113.9", "2001:db8:ffff::9"):
        found = subprocess.run(("ip", "route", "get", target), capture_output=True, text=True, check=False)
        if not found.returncode:
            sys.exit(f"there is a way out: {found.stdout}")


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        address = self.connection.getsockname()[0].removeprefix("::ffff:")
        body = f"IAM {address}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class _Web(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def handle_error(self, *_words: object) -> None:
        """A client that goes away early is no news."""


def _dns() -> None:
    server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    # The answer has to leave from the address that was asked.
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    server.bind(("::", 53))
    while True:
        query, ancillary, _flags, client = server.recvmsg(512, 256)
        server.sendmsg([_reply(query)], [row for row in ancillary if row[1] == socket.IPV6_PKTINFO], 0, client)


def _reply(query: bytes) -> bytes:
    end = 12
    while query[end]:
        end += query[end] + 1
    known = query[12 : end + 1].lower().endswith(b"\x04test\x00")
    record = _RECORDS.get(struct.unpack(">H", query[end + 1 : end + 3])[0], b"") if known else b""
    flags = 0x8580 | (0 if known else 3)
    return query[:2] + struct.pack(">HHHHH", flags, 1, bool(record), 0, 0) + query[12 : end + 5] + record


def _record(kind: int, address: str) -> bytes:
    data = ipaddress.ip_address(address).packed
    return struct.pack(">HHHIH", 0xC00C, kind, 1, 5, len(data)) + data


_RECORDS = {1: _record(1, "198.51.100.10"), 28: _record(28, "2001:db8::10")}


def _relay(path: str) -> None:
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    Path(path).chmod(0o600)
    server.listen(64)
    while True:
        client, _ = server.accept()
        threading.Thread(target=_connect, args=(client,), daemon=True).start()


def _connect(client: socket.socket) -> None:
    port = b""
    while not port.endswith(b"\n"):
        byte = client.recv(1)
        if not byte:
            return
        port += byte
    try:
        inner = socket.create_connection(("127.0.0.1", int(port)), 5)
    except OSError:
        client.close()
        return
    inner.settimeout(None)
    join(client, inner)


def join(left: socket.socket, right: socket.socket) -> None:
    """Carry bytes both ways until both sides have ended."""
    back = threading.Thread(target=_pump, args=(right, left), daemon=True)
    back.start()
    _pump(left, right)
    back.join()
    left.close()
    right.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    os.umask(0o077)
    main(*sys.argv[1:])
