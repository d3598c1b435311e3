"""D-Bus values as bytes, and back: of the types, those that the manager's calls have. Little end first."""

from __future__ import annotations

import struct

_PLAIN = {"y": "<B", "b": "<I", "u": "<I", "i": "<i", "t": "<Q"}
_ALIGNED = {"y": 1, "g": 1, "v": 1, "(": 8, "t": 8}


def pack(signature: str, *values: object) -> bytes:
    """Return values of these types as bytes that begin at a multiple of 8."""
    out = bytearray()
    for kind, value in zip(types(signature), values, strict=True):
        _put(out, kind, value)
    return bytes(out)


def unpack(signature: str, data: bytes, at: int = 0) -> tuple[list[object], int]:
    """Return the values of these types that begin at an offset, and where they end."""
    values = []
    for kind in types(signature):
        value, at = _get(kind, data, at)
        values.append(value)
    return values, at


def types(signature: str) -> list[str]:
    """Return the single complete types of a signature."""
    found, at = [], 0
    while at < len(signature):
        end = _end(signature, at)
        found.append(signature[at:end])
        at = end
    return found


def _end(signature: str, at: int) -> int:
    if signature[at] == "a":
        return _end(signature, at + 1)
    if signature[at] == "(":
        at += 1
        while signature[at] != ")":
            at = _end(signature, at)
    return at + 1


def _aligned(kind: str, at: int) -> int:
    size = _ALIGNED.get(kind[0], 4)
    return -(-at // size) * size


def _pad(out: bytearray, kind: str) -> None:
    out += bytes(_aligned(kind, len(out)) - len(out))


def _put(out: bytearray, kind: str, value: object) -> None:
    _pad(out, kind)
    if kind in _PLAIN:
        out += struct.pack(_PLAIN[kind], value)
    elif kind in "sog":
        text = str(value).encode()
        out += struct.pack("<B" if kind == "g" else "<I", len(text)) + text + b"\0"
    elif kind == "v":
        inner: tuple[object, ...] = tuple(value)  # type: ignore[arg-type]  # a variant is a pair
        _put(out, "g", inner[0])
        _put(out, str(inner[0]), inner[1])
    elif kind[0] == "(":
        for part, content in zip(types(kind[1:-1]), value, strict=True):  # type: ignore[call-overload]  # a tuple
            _put(out, part, content)
    else:
        _put_array(out, kind[1:], value)


def _put_array(out: bytearray, kind: str, values: object) -> None:
    where = len(out)
    out += bytes(4)
    _pad(out, kind)
    begin = len(out)
    for value in values:  # type: ignore[attr-defined]  # a list
        _put(out, kind, value)
    struct.pack_into("<I", out, where, len(out) - begin)


def _get(kind: str, data: bytes, at: int) -> tuple[object, int]:
    at = _aligned(kind, at)
    if kind in _PLAIN:
        return struct.unpack_from(_PLAIN[kind], data, at)[0], at + struct.calcsize(_PLAIN[kind])
    if kind in "sog":
        size, at = (data[at], at + 1) if kind == "g" else (struct.unpack_from("<I", data, at)[0], at + 4)
        return data[at : at + size].decode(), at + size + 1
    if kind == "v":
        inner, at = _get("g", data, at)
        return _get(str(inner), data, at)
    if kind[0] == "(":
        values, at = unpack(kind[1:-1], data, at)
        return tuple(values), at
    return _get_array(kind[1:], data, at)


def _get_array(kind: str, data: bytes, at: int) -> tuple[list[object], int]:
    size = struct.unpack_from("<I", data, at)[0]
    at = _aligned(kind, at + 4)
    end, values = at + size, []
    while at < end:
        value, at = _get(kind, data, at)
        values.append(value)
    return values, end
