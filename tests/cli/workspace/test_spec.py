"""From options to a spec, and from the API's faults back to the options."""

import pytest

from rockpool.cli.workspace import spec
from rockpool.errors import Fault, InputError

FILES = {"token": "s3cret\n", "-": "two\nlines\n"}


def read(path: str) -> str:
    try:
        return FILES[path]
    except KeyError as error:
        raise FileNotFoundError(path) from error


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("K=v", "v"),
        ("K=", ""),
        ("K=a=b", "a=b"),
        ("K='; id #", "'; id #"),
        ("K=--upload-pack=x", "--upload-pack=x"),
        ("K=@token", "s3cret"),
        ("K=@-", "two\nlines"),
        ("K", "of the environment"),
    ],
)
def test_a_variable_comes_from_where_it_says(given: str, value: str) -> None:
    assert spec.variables([given], {"K": "of the environment"}, read) == {"K": value}


def test_every_variable_that_cannot_be_read_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        spec.variables(["A", "B=@nowhere", "C=fine"], {}, read)
    assert [fault.field for fault in caught.value.faults] == ["--env A", "--env B"]


@pytest.mark.parametrize(
    ("given", "port"),
    [
        ("5173", {"port": 5173, "label": ""}),
        ("5173=web app", {"port": 5173, "label": "web app"}),
        ("5173=a=b", {"port": 5173, "label": "a=b"}),
        ("web", {"port": "web", "label": ""}),
        ("-1", {"port": "-1", "label": ""}),
        ("²", {"port": "²", "label": ""}),
        ("", {"port": "", "label": ""}),
    ],
)
def test_what_is_no_port_is_left_for_the_api_to_tell(given: str, port: dict[str, object]) -> None:
    assert spec.exposed([given]) == [port]


@pytest.mark.parametrize(
    ("home", "source"), [("demo.1763719475000", "kept/demo.1763719475000"), ("copy/demo", "copy/demo")]
)
def test_a_home_is_kept_or_copied(home: str, source: str) -> None:
    assert spec.source(home) == source


@pytest.mark.parametrize(
    ("field", "option"),
    [
        ("name", "NAME"),
        ("cpus", "--cpus"),
        ("memory", "--memory"),
        ("idleTimeout", "--idle-timeout"),
        ("ports", "--expose"),
        ("ports[0].port", "--expose"),
        ("ports[12].label", "--expose"),
        ("env", "--env"),
        ("env.TOKEN", "--env TOKEN"),
        ("sudo", "--no-sudo"),
    ],
)
def test_faults_are_told_under_the_names_of_options(field: str, option: str) -> None:
    told = spec.in_options(InputError("the workspace", [Fault(field=field, message="is wrong")]))
    assert (told.what, told.faults[0].field) == ("the workspace is not valid", option)
