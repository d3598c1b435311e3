"""What the verbs' program accepts, says and refuses, without anything behind it."""

import subprocess
import sys
from pathlib import Path

import pytest

from rockpool.guest import places, verbs
from rockpool.guest.failure import Failure


@pytest.mark.parametrize(
    "line",
    [
        "",
        " survey",
        "survey now",
        "route start demo",
        "route start demo.80",
        "route start demo.70000",
        "route start demo.08080",
        "route start demo.ide extra",
        "route start ../x.ide",
        "route start a--b.ide",
        "route restart demo.ide",
        "route start demo.ide\nroute stop demo.ide",
        "route start Demo.ide",
        "home create demo",
        "home create demo 0",
        "home create demo 5001",
        "home create demo 5001 0",
        "home create demo 5000",
        "home create demo 65001",
        "home create demo 5001; id",
        "home create demo 5001 -1",
        "home create demo 5001 1e9",
        "home create demo \u0665\u0660\u0660\u0661",
        "home create d\u00e9mo 5001",
        "home copy demo ../x 5001 1",
        "home restore demo other 5001 1",
        "home restore ../demo.1 other 5001 1",
        "home purge demo",
        "home purge demo.1/..",
        "home keep ../demo",
        "home remove .demo",
        "home remove demo-",
        "home cloned",
        "container remove",
        "container remove ../demo",
        "container remove demo?force=true",
        "quota demo 0",
        "quota /var/lib 4096",
        "start caddy",
    ],
)
def test_anything_but_a_verb_is_refused(line: str) -> None:
    with pytest.raises(Failure, match="not a verb"):
        verbs.parse(line)


@pytest.mark.parametrize(
    ("line", "act", "arguments"),
    [
        ("survey", "survey.survey", ()),
        ("route start my-app.5173", "routes.start", ("my-app.5173",)),
        ("home create demo 5001 64", "homes.create", ("demo", 5001, 64)),
        ("home create demo 5001 4096", "homes.create", ("demo", 5001, 4096)),
        ("home copy demo other 5002 4096", "copies.copy", ("demo", "other", 5002, 4096)),
        ("home restore demo.17 demo 5001 4096", "homes.restore", ("demo.17", "demo", 5001, 4096)),
        ("container remove demo", "podman.remove", ("demo",)),
        ("quota demo 4096", "quotas.limit", ("demo", 4096)),
    ],
)
def test_a_verb_says_what_carries_it_out(line: str, act: str, arguments: tuple[object, ...]) -> None:
    assert verbs.parse(line) == (act, arguments)


@pytest.mark.parametrize("act", [act for act, _ in verbs.VERBS.values()])
def test_every_verb_is_carried_out_by_something(act: str) -> None:
    module, _, function = act.partition(".")
    loaded = __import__(f"rockpool.guest.{module}", fromlist=[function])
    assert callable(getattr(loaded, function))


def test_names_are_those_that_the_core_allows() -> None:
    from rockpool.names import WORKSPACE_NAME

    texts = ["abc", "ab", "a" * 63, "a" * 64, "a-b", "a--b", "a-", "-ab", "1ab", "ab1", "Abc", "a_b", "a.b", "ab\n", ""]
    assert {text: places.is_name(text) for text in texts} == {
        text: bool(WORKSPACE_NAME.fullmatch(text)) for text in texts
    }


def run(lines: str) -> str:
    program = "import sys; from rockpool.guest.wsctl import main; sys.exit(main(['wsctl', '--serve']))"
    argv = [sys.executable, "-S", "-c", program]
    cwd = Path(verbs.__file__).parents[2]
    done = subprocess.run(argv, input=lines, capture_output=True, text=True, timeout=20, check=True, cwd=cwd)
    return done.stdout


def test_a_connection_is_served_up_to_the_first_failure() -> None:
    assert run("poweroff\nsurvey\n") == "error not a verb: 'poweroff'\n"


def test_a_program_starts_without_what_is_slow_to_import() -> None:
    program = (
        "import sys; import rockpool.guest.wsctl, rockpool.guest.serve, rockpool.guest.homes, rockpool.guest.routes"
    )
    argv = [sys.executable, "-IS", "-c", f"import sys; sys.path.append('.'); {program}; print(*sys.modules)"]
    cwd = Path(verbs.__file__).parents[2]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=True, cwd=cwd)
    assert {"re", "json", "enum", "subprocess", "socket", "collections"} & set(done.stdout.split()) == set()
