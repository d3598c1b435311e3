"""A WebSocket server inside a workspace that sends back every text: runs there as `python3 -c TEXT PORT`.

As small as RFC 6455 lets it be: unfragmented frames of up to 125 bytes, which is what the test sends. Any other request
gets a page that says something by such a socket and shows what comes back.
"""

import asyncio
import base64
import hashlib
import sys

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_PAGE = b"""\
<!doctype html><link rel="icon" href="data:,"><p id="told"></p><script>
const socket = new WebSocket(location.href.replace(/^http/, "ws"));
socket.onopen = () => socket.send("hello by WebSocket");
socket.onmessage = (message) => { document.getElementById("told").textContent = message.data; };
</script>
"""


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = (line.partition(":") for line in head.split("\r\n")[1:])
    headers = {name.lower(): value.strip() for name, _, value in lines if name}
    if "sec-websocket-key" not in headers:
        head_of_page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        writer.write(head_of_page % len(_PAGE) + _PAGE)
        await writer.drain()
        writer.close()
        return
    accept = base64.b64encode(hashlib.sha1(headers["sec-websocket-key"].encode() + _MAGIC).digest())
    upgrade = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write(upgrade + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    try:
        while True:
            first, length = await reader.readexactly(2)
            mask = await reader.readexactly(4)
            data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(await reader.readexactly(length & 127)))
            kind = first & 15
            if kind == 9:
                first = 0x8A
            writer.write(bytes([first, len(data)]) + data)
            await writer.drain()
            if kind == 8:
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def _main() -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(_main())
