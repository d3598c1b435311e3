"""Asks addresses, all at once, and prints what came of each as JSON. Sent to a guest by stdin.

python3 - SECONDS URL…        prints {URL: "IAM …" | "open" | "refused" | "not there" | "timeout" | another fault}

`http` brings a short page; `tcp` and `unix` only connect, which is "open"; so is `dns` when its datagram is answered.
"""

import http.client
import json
import socket
import sys
import threading
import urllib.parse

FAULTS = {
    "ConnectionRefusedError": "refused",
    "ConnectionResetError": "refused",
    "PermissionError": "refused",
    "FileNotFoundError": "not there",
    "gaierror": "not there",
    "TimeoutError": "timeout",
}

QUERY = b"\0\1\1\0\0\1\0\0\0\0\0\0\3www\4test\0\0\1\0\1"


def page(target, host, seconds):
    connection = http.client.HTTPConnection(host, target.port or 80, timeout=seconds)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read(100).decode().strip()
    finally:
        connection.close()


def reach(family, address, seconds):
    with socket.socket(family) as client:
        client.settimeout(seconds)
        client.connect(address)
    return "open"


def resolve(host, seconds):
    family, _, _, _, address = socket.getaddrinfo(host, 53, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.settimeout(min(seconds, 10))
        client.connect(address)
        client.send(QUERY)
        client.recv(512)
    return "open"


def ask(url, seconds):
    target = urllib.parse.urlsplit(url)
    host = urllib.parse.unquote(target.hostname or "")
    try:
        if target.scheme == "unix":
            return reach(socket.AF_UNIX, target.path, seconds)
        if target.scheme == "tcp":
            family, _, _, _, address = socket.getaddrinfo(host, target.port, type=socket.SOCK_STREAM)[0]
            return reach(family, address, seconds)
        if target.scheme == "dns":
            return resolve(host, seconds)
        return page(target, host, seconds)
    except OSError as error:
        if error.errno in (101, 113):
            return "refused" if error.errno == 113 else "no route"
        return FAULTS.get(type(error).__name__, repr(error))


def main(seconds, *urls):
    told = {}
    threads = [threading.Thread(target=lambda u=url: told.update({u: ask(u, float(seconds))})) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(told))


main(*sys.argv[1:])
