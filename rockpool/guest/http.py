"""HTTP on a Unix socket, as little of it as Podman and a route need."""

from __future__ import annotations

from rockpool.guest.sockets import connect

ANSWER_WITHIN = 100.0
"""Seconds for one answer; Podman's first one after a boot on a busy machine takes long."""


def ask(path: str, target: str, *, method: str = "GET", whole: bool = True) -> tuple[int, bytes]:
    """Ask a server and return status and body. HTTP/1.0: the answer ends with the connection.

    Not `whole` returns after the first bytes, which have the status. Raises OSError when nothing answers.
    """
    length = "" if method == "GET" else "Content-Length: 0\r\n"
    connection = connect(path, ANSWER_WITHIN)
    try:
        connection.sendall(f"{method} {target} HTTP/1.0\r\nHost: localhost\r\n{length}\r\n".encode())
        answer = bytearray(connection.recv(65536))
        while whole and (more := connection.recv(65536)):
            answer += more
    finally:
        connection.close()
    head, _, body = bytes(answer).partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    if len(words) < 2 or not words[1].isdigit():
        raise OSError("the connection ended without an answer")
    return int(words[1]), body
