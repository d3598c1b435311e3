"""Each refusal of the API's is an error of the kind that the rest of Rockpool knows."""

import httpx
import pytest

from rockpool import errors
from rockpool.client import Address, Client, Connection


def client(*answers: httpx.Response) -> Client:
    """A client whose network gives these answers, one after the other."""
    left = iter(answers)
    return Client(Connection(Address(), httpx.MockTransport(lambda _: next(left))))


def refusal(status: int, code: str = "x", message: str = "no", fields: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "message": message, "fields": fields or {}}})


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "bad_request", errors.InputError),
        (401, "unauthorized", errors.HostNotReady),
        (403, "forbidden", errors.Refused),
        (404, "not_found", errors.NotFound),
        (409, "conflict", errors.Conflict),
        (409, "refused", errors.Refused),
        (413, "too_large", errors.InputError),
        (415, "unsupported_media_type", errors.InputError),
        (422, "invalid", errors.InputError),
        (429, "too_many", errors.Busy),
        (500, "internal", errors.RockpoolError),
        (503, "busy", errors.Busy),
        (503, "not_ready", errors.HostNotReady),
        (503, "damaged", errors.Damaged),
        (503, "deadline_passed", errors.DeadlinePassed),
        (503, "control_plane_absent", errors.HostNotReady),
    ],
)
def test_each_refusal_has_its_kind(status: int, code: str, kind: type[errors.RockpoolError]) -> None:
    with pytest.raises(errors.RockpoolError) as caught:
        client(refusal(status, code)).workspace("demo")
    assert type(caught.value) is kind


def test_all_faults_are_told_at_once() -> None:
    answer = refusal(422, "invalid", "the workspace is not valid; nothing was changed", {"cpus": "a", "memory": "b"})
    with pytest.raises(errors.InputError) as caught:
        client(answer).create({})
    assert [(fault.field, fault.message) for fault in caught.value.faults] == [("cpus", "a"), ("memory", "b")]
    assert caught.value.what == "the workspace is not valid"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(302, text="", headers={"Location": "/elsewhere"}),
        httpx.Response(502, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"name": "demo"}),
        httpx.Response(200, json={"error": None}),
        httpx.Response(404, json={"detail": "x"}),
        httpx.Response(422, json={"error": {"message": "x", "fields": ["odd"]}}),
    ],
)
def test_what_is_not_the_api_is_told(answer: httpx.Response) -> None:
    with pytest.raises(errors.Damaged, match="cannot be read"):
        client(answer).workspace("demo")


def test_nobody_there_is_told_with_the_address() -> None:
    unreachable = Client(Connection(Address(url="http://127.0.0.1:1")))
    with pytest.raises(errors.HostNotReady, match=r"127\.0\.0\.1:1"):
        unreachable.workspace("demo")


def test_an_answer_that_takes_too_long_is_told() -> None:
    def late(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late", request=request)

    with pytest.raises(errors.DeadlinePassed):
        Client(Connection(Address(), httpx.MockTransport(late))).workspace("demo")


@pytest.mark.parametrize("name", ["..", "../homes", "a/b", "a?b", "%2e%2e", "A", "", "demo\n"])
def test_what_is_no_name_is_never_asked_for(name: str) -> None:
    with pytest.raises(errors.InputError):
        client().workspace(name)


@pytest.mark.parametrize("home", ["..", "demo", "demo.1/x", "demo.1234567890\n"])
def test_what_is_no_home_is_never_asked_for(home: str) -> None:
    with pytest.raises(errors.InputError):
        client().purge(home)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("http://localhost:8080/", "http://localhost:8080"),
        ("https://box.example", "https://box.example"),
        ("unix:///run/api.sock", "/run/api.sock"),
    ],
)
def test_addresses(text: str, told: str) -> None:
    assert str(Address.parse(text)) == told


@pytest.mark.parametrize("text", ["localhost:8080", "ftp://x", "http://", "http://x/api", "unix:run/api.sock", ""])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(errors.InputError):
        Address.parse(text)


def test_a_password_in_an_address_is_refused_and_not_told() -> None:
    with pytest.raises(errors.InputError) as caught:
        Address.parse("http://admin:s3cret@box")
    assert "s3cret" not in str(caught.value)
