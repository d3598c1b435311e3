"""Many clients at once, each with a WebSocket of its own or a request after the other, counting what breaks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import websockets

ANSWER_SECONDS = 120
"""How long one echo may take on an emulated and busy machine."""


@dataclass
class Counts:
    """What happened so far. `dropped` and `failed` say what broke."""

    open: int = 0
    echoes: int = 0
    answers: int = 0
    dropped: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@contextmanager
def clients(
    urls: list[str], steady: str, headers: Mapping[str, str], *, every: float = 1, seconds: float = 300
) -> Iterator[Counts]:
    """Keep a WebSocket open to each URL, a text each `every` seconds, and ask `steady` on, while the block runs."""
    counts, ending = Counts(), threading.Event()
    connected = threading.Event()

    def run() -> None:
        asyncio.run(_all(urls, steady, headers, every, counts, connected, ending))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert connected.wait(seconds), f"{counts.open} of {len(urls)} WebSockets open after {seconds:g} s"
        yield counts
    finally:
        ending.set()
        thread.join()


async def _all(
    urls: list[str],
    steady: str,
    headers: Mapping[str, str],
    every: float,
    counts: Counts,
    connected: threading.Event,
    ending: threading.Event,
) -> None:
    gate = asyncio.Semaphore(10)
    tasks = [_keep(url, headers, every, counts, ending, gate, number) for number, url in enumerate(urls)]

    async def tell() -> None:
        while counts.open + len(counts.dropped) < len(urls) and not ending.is_set():
            await asyncio.sleep(0.2)
        connected.set()

    await asyncio.gather(*tasks, tell(), _ask(steady, headers, every, counts, connected, ending))


async def _keep(
    url: str,
    headers: Mapping[str, str],
    every: float,
    counts: Counts,
    ending: threading.Event,
    gate: asyncio.Semaphore,
    number: int,
) -> None:
    try:
        async with gate:
            connecting = websockets.connect(
                url, additional_headers=headers, open_timeout=ANSWER_SECONDS, ping_interval=None
            )
            socket = await connecting
        counts.open += 1
        sent = 0
        async with socket:
            while not ending.is_set():
                text = f"{number}:{sent}"
                await socket.send(text)
                assert await asyncio.wait_for(socket.recv(), ANSWER_SECONDS) == text
                counts.echoes += 1
                sent += 1
                await asyncio.sleep(every)
    except (OSError, AssertionError, TimeoutError, websockets.WebSocketException) as error:
        counts.dropped.append(f"{url}: {error!r}")


async def _ask(
    url: str,
    headers: Mapping[str, str],
    every: float,
    counts: Counts,
    connected: threading.Event,
    ending: threading.Event,
) -> None:
    async with httpx.AsyncClient(headers=dict(headers), timeout=ANSWER_SECONDS) as http:
        while not connected.is_set():
            await asyncio.sleep(0.2)
        while not ending.is_set():
            try:
                answer = await http.get(url)
                if answer.status_code == 200:
                    counts.answers += 1
                else:
                    counts.failed.append(f"{answer.status_code}: {answer.text[:200]}")
            except httpx.HTTPError as error:
                counts.failed.append(repr(error))
            await asyncio.sleep(every)
