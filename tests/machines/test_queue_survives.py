"""What the queue has acknowledged is still there after kill -9. It restarts the service: no part of `host.verify`."""

import time
from typing import Any

import pytest

from .test_queue import call

pytestmark = pytest.mark.proof

SENT = [f"survives-{number}" for number in range(20)]
# Nobody reads this queue by itself.
QUEUE = "workspaces-dead"


def _parts(text: str, tag: str) -> list[str]:
    return [part.partition("<")[0] for part in text.split(f"<{tag}>")[1:]]


def _active_pid(host: Any) -> str:
    """Return the main process once systemd has heard that it is ready; it may have needed more than one attempt."""
    told = dict(
        line.split("=", 1)
        for line in host.check_output("systemctl show -p MainPID,ActiveState elasticmq.service").splitlines()
    )
    return told["MainPID"] if told["ActiveState"] == "active" else ""


def _take(host: Any) -> list[str]:
    told = call(host, QUEUE, "ReceiveMessage", "MaxNumberOfMessages=10", "VisibilityTimeout=60")
    for handle in _parts(told, "ReceiptHandle"):
        call(host, QUEUE, "DeleteMessage", f"ReceiptHandle={handle.replace('#', '%23')}")
    return _parts(told, "Body")


def test_an_acknowledged_message_survives_a_kill(host: Any) -> None:
    for body in SENT:
        assert _parts(call(host, QUEUE, "SendMessage", f"MessageBody={body}"), "MessageId")
    before = host.check_output("systemctl show -p MainPID --value elasticmq.service")
    host.check_output("kill -9 %s", before)
    deadline = time.monotonic() + 1800
    while _active_pid(host) in ("", before):
        assert time.monotonic() < deadline, "the queue does not come back"
        time.sleep(2)
    received: list[str] = []
    while taken := _take(host):
        received += taken
    assert set(SENT) <= set(received)
