"""Runs inside a machine as root: what it costs to create a workspace, against a raw `podman run` of the same image.

create_cost.py ROUNDS IMAGE < "user:password". Prints one JSON object: the seconds and the processes of each round.
"""

import base64
import http.client
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time

API = "/run/rockpool/api/api.sock"
PATIENCE = 600.0
RAW_PORT = 18999
PODMAN = ["setpriv", "--reuid=rockpool-ws", "--regid=rockpool-ws", "--init-groups"]
NETLINK_CONNECTOR, CN_IDX_PROC, LISTEN, FORK = 11, 1, 1, 1


class Forks:
    """Counts the processes (threads are none) that begin on this machine, by the kernel's process events."""

    def __enter__(self):
        self.count, self._end = 0, False
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_CONNECTOR)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind((0, CN_IDX_PROC))
        body = struct.pack("=IIIIHHI", CN_IDX_PROC, 1, 0, 0, 4, 0, LISTEN)
        self._socket.send(struct.pack("=IHHII", 16 + len(body), 3, 0, 0, 0) + body)
        self._socket.settimeout(0.2)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        return self

    def _read(self):
        while not self._end:
            try:
                data = self._socket.recv(4096)
            except TimeoutError:
                continue
            what = struct.unpack_from("=I", data, 36)[0]
            if what == FORK:
                child_pid, child_tgid = struct.unpack_from("=II", data, 60)
                self.count += child_pid == child_tgid

    def __exit__(self, *_):
        self._end = True
        self._thread.join()
        self._socket.close()


class Unix(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(API)


def ask(method, path, body=None):
    connection = Unix("localhost", timeout=60)
    headers = {"Content-Type": "application/json"} if body else {}
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    return answer.status, json.loads(told) if told else None


def answers(port, path, headers):
    begin = time.monotonic()
    while time.monotonic() - begin < PATIENCE:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", path, headers=headers)
            status = connection.getresponse().status
            connection.close()
            if status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)
    sys.exit(f"nothing answers at {port}{path}")


def podman(*words):
    uid = subprocess.run(["id", "-u", "rockpool-ws"], capture_output=True, text=True, check=True).stdout.strip()
    run = f"/run/user/{uid}"
    env = ["HOME=/var/lib/rockpool-ws", f"XDG_RUNTIME_DIR={run}", f"DBUS_SESSION_BUS_ADDRESS=unix:path={run}/bus"]
    return [*PODMAN, "env", "-i", "-C", "/", "PATH=/usr/bin:/bin", *env, "podman", *words]


def raw(image):
    run = podman(
        "run",
        "--detach",
        "--name=raw",
        "--userns=nomap",
        # The editor listens on its loopback alone.
        "--network=pasta:--host-lo-to-ns-lo",
        "--user=5999:5999",
        "--group-add=5000",
        "--passwd-entry=coder:*:5999:5999:workspace:/home/coder:/bin/bash",
        "--memory=1g",
        "--memory-swap=1g",
        "--cpus=2",
        "--pids-limit=4096",
        f"--publish=127.0.0.1:{RAW_PORT}:8080",
        "--env=PORT=8080",
        "--env=HOST=0.0.0.0",
        "--log-driver=journald",
        image,
    )
    remove = podman("rm", "--force", "--time=0", "raw")
    begin = time.monotonic()
    with Forks() as forks:
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
        answers(RAW_PORT, "/healthz", {})
        took = time.monotonic() - begin
    subprocess.run(remove, check=True, stdout=subprocess.DEVNULL)
    return took, forks.count


def ours(headers, image):
    begin = time.monotonic()
    with Forks() as forks:
        status, told = ask("POST", "/api/workspaces", {"name": "cost", "image": image, "memory": "1g"})
        assert status == 202, told
        answers(8081, "/workspace/cost/healthz", headers)
        took = time.monotonic() - begin
    ask("DELETE", "/api/workspaces/cost?purge=true")
    while ask("GET", "/api/workspaces/cost")[0] != 404:
        time.sleep(0.2)
    return took, forks.count


def main():
    rounds, image = int(sys.argv[1]), sys.argv[2]
    headers = {"Authorization": "Basic " + base64.b64encode(sys.stdin.read().strip().encode()).decode()}
    reference = f"localhost/rockpool/{image}:latest"
    rows = [(raw(reference), ours(headers, image)) for _ in range(rounds)]
    with Forks() as idle:
        time.sleep(10)
    print(
        json.dumps(
            {
                "raw": [row[0][0] for row in rows],
                "ours": [row[1][0] for row in rows],
                "raw_processes": [row[0][1] for row in rows],
                "our_processes": [row[1][1] for row in rows],
                "idle_processes_in_10s": idle.count,
                "machine": os.uname().release,
            }
        )
    )


main()
