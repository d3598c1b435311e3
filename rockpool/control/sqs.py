"""The queue in ElasticMQ, by the protocol of SQS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from rockpool.control.queue import Dead, Hint, Received
from rockpool.errors import HostNotReady

QUEUE, DEAD = "workspaces", "workspaces-dead"

_ACCOUNT = "000000000000"
_MOST = 100
_BATCH = 10  # the most that the protocol gives at once
_LOOK_SECONDS = 20
"""How long letters that are being looked at are hidden from another look."""


class Sqs:
    """Queues `workspaces` and `workspaces-dead` of a server. Threads may share it."""

    def __init__(self, url: str) -> None:
        self._url = url
        # A request to our API must not wait long for a hint that the sweep replaces.
        self._sender = _client(url, seconds=1)
        self._client = _client(url, seconds=10)

    def send(self, hint: Hint) -> bool:
        """Send a hint, and say whether it was taken."""
        try:
            self._sender.send_message(QueueUrl=self._queue(QUEUE), MessageBody=hint.to_text())
        except (BotoCoreError, ClientError):
            return False
        return True

    def receive(self, seconds: int) -> list[Received]:
        """Return some messages as soon as there are any."""
        return [_received(message) for message in self._messages(QUEUE, WaitTimeSeconds=min(seconds, 20))]

    def delete(self, received: Received) -> None:
        """Take a message out for good; one that was delivered again meanwhile stays."""
        self._delete(QUEUE, received.receipt)

    def bury(self, received: Received) -> None:
        """Move a message to the dead letters: killed in between, it is in both, and buried again."""
        self._move(QUEUE, DEAD, {"ReceiptHandle": received.receipt, "Body": received.body})

    def dead(self) -> list[Dead]:
        """Return the dead letters, 100 at most."""
        letters = list(self._letters())
        with self._answers():
            for letter in letters:
                self._client.change_message_visibility(
                    QueueUrl=self._queue(DEAD), ReceiptHandle=letter["ReceiptHandle"], VisibilityTimeout=0
                )
        return [_dead(letter) for letter in letters]

    def redrive(self) -> int:
        """Give the dead letters back to the queue, 100 at most, and return how many."""
        letters = list(self._letters())
        for letter in letters:
            self._move(DEAD, QUEUE, letter)
        return len(letters)

    def _letters(self) -> Iterator[dict[str, Any]]:
        """Yield each dead letter once, hidden for a while."""
        taken = 0
        while taken < _MOST:
            some = self._messages(DEAD, VisibilityTimeout=_LOOK_SECONDS)
            if not some:
                return
            taken += len(some)
            yield from some

    def _move(self, source: str, target: str, message: dict[str, Any]) -> None:
        with self._answers():
            self._client.send_message(QueueUrl=self._queue(target), MessageBody=message["Body"])
        self._delete(source, message["ReceiptHandle"])

    def _delete(self, queue: str, receipt: str) -> None:
        # One that was delivered again meanwhile belongs to whoever has received it last.
        with self._answers(), suppress(self._client.exceptions.ReceiptHandleIsInvalid):
            self._client.delete_message(QueueUrl=self._queue(queue), ReceiptHandle=receipt)

    def _messages(self, queue: str, **asked: Any) -> list[dict[str, Any]]:
        with self._answers():
            answer = self._client.receive_message(
                QueueUrl=self._queue(queue),
                MaxNumberOfMessages=_BATCH,
                MessageSystemAttributeNames=["SentTimestamp"],
                **asked,
            )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def _queue(self, name: str) -> str:
        return f"{self._url}/{_ACCOUNT}/{name}"

    @contextmanager
    def _answers(self) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise HostNotReady(
                "the queue does not answer", why=f"{self._url}: {error}", fix="see `journalctl -u elasticmq`"
            ) from error


def _client(url: str, *, seconds: int) -> Any:  # boto3 makes its clients' methods while it runs
    # Everything is said here, so that nothing is looked up: no file, no proxy, no metadata service.
    return boto3.client(
        "sqs",
        endpoint_url=url,
        region_name="local",
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106  # ElasticMQ knows no secrets
        config=Config(
            connect_timeout=seconds,
            read_timeout=seconds + 20 * (seconds > 1),
            retries={"total_max_attempts": 1},
            proxies={},
        ),
    )


def _received(message: dict[str, Any]) -> Received:
    return Received(receipt=message["ReceiptHandle"], body=message["Body"])


def _dead(message: dict[str, Any]) -> Dead:
    sent = message.get("Attributes", {}).get("SentTimestamp", 0)
    return Dead(id=message["MessageId"], body=message["Body"], at=int(sent))
