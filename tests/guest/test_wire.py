"""D-Bus values as bytes."""

import pytest

from rockpool.guest.wire import pack, types, unpack

PROPERTIES = [("BindsTo", ("as", ["libpod-1.scope"])), ("CollectMode", ("s", "inactive-or-failed"))]


@pytest.mark.parametrize(
    ("signature", "values"),
    [
        ("", []),
        ("ss", ["unit", "replace"]),
        ("uoss", [7, "/job/7", "a.socket", "done"]),
        ("asas", [[], ["rockpool-route@*.socket"]]),
        ("ssa(sv)a(sa(sv))", ["tie.slice", "fail", PROPERTIES, []]),
        ("a(ssssssouso)", [[("u", "d", "loaded", "active", "listening", "", "/u", 0, "", "/")]]),
        ("ybt", [1, 1, 2**40]),
        ("yi", [1, -5]),
    ],
)
def test_what_is_packed_is_unpacked(signature: str, values: list[object]) -> None:
    packed = pack(signature, *values)
    told, end = unpack(signature, packed)
    assert end == len(packed)
    plain = [[(name, inner[1]) for name, inner in PROPERTIES] if value is PROPERTIES else value for value in values]
    assert told == plain


def test_a_variant_is_a_type_and_a_value() -> None:
    assert pack("v", ("s", "a")) == b"\x01s\0\0\x01\0\0\0a\0"


def test_a_value_begins_where_its_type_says() -> None:
    assert pack("yu", 1, 2) == b"\x01\0\0\0\x02\0\0\0"
    assert pack("ya(u)", 1, [(2,)]) == b"\x01\0\0\0\x04\0\0\0\x02\0\0\0"


def test_a_signature_is_a_row_of_types() -> None:
    assert types("sa(sv)a(sa(sv))u") == ["s", "a(sv)", "a(sa(sv))", "u"]
