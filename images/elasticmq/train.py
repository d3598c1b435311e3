"""Run ElasticMQ once and have Java write down what it loads: train.py JARS LIST."""

import fcntl
import socket
import struct
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

URL = "http://127.0.0.1:9324"
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def loopback_up() -> None:
    """Start the loopback of a new network namespace."""
    with socket.socket() as probe:
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def ask(**parameters: str) -> None:
    """Ask the queue for something."""
    data = urllib.parse.urlencode(parameters).encode()
    path = "/000000000000/train" if parameters["Action"] != "CreateQueue" else "/"
    with urllib.request.urlopen(URL + path, data, timeout=60) as answer:  # noqa: S310  # an address of our own
        answer.read()


def main(jars: Path, classes: Path) -> None:
    """Start it, send a message through it, stop it."""
    loopback_up()
    with tempfile.TemporaryDirectory() as state:
        messages = ("-Dmessages-storage.enabled=true", f"-Dmessages-storage.uri=jdbc:h2:{state}/messages")
        bind = ("-Dnode-address.host=127.0.0.1", "-Drest-sqs.bind-hostname=127.0.0.1", "-Drest-stats.enabled=false")
        path = ":".join(str(jar) for jar in sorted(jars.glob("*.jar")))
        argv = (
            "java",
            f"-XX:DumpLoadedClassList={classes}",
            *messages,
            *bind,
            "-cp",
            path,
            "org.elasticmq.server.Main",
        )
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as java:
            for line in java.stdout or ():
                if "Started SQS rest server" in line:
                    ask(Action="CreateQueue", QueueName="train")
                    ask(Action="SendMessage", MessageBody="x")
                    ask(Action="ReceiveMessage")
                    java.terminate()


main(Path(sys.argv[1]), Path(sys.argv[2]))
