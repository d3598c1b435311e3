from pathlib import Path
from threading import Event

import pytest

from rockpool.errors import StepFailed
from rockpool.execute import process
from rockpool.execute.image import together
from rockpool.execute.image.together import Part


def test_a_job_waits_for_what_it_needs_and_gets_it() -> None:
    def child(part: Part) -> Path:
        return part("parent") / "child"

    assert together.run({"child": child, "parent": lambda _: Path("/p")}) == {
        "child": Path("/p/child"),
        "parent": Path("/p"),
    }


def test_jobs_that_need_nothing_run_at_the_same_time() -> None:
    met = {"a": Event(), "b": Event()}

    def meet(me: str, other: str) -> Path:
        met[me].set()
        assert met[other].wait(10)
        return Path(me)

    found = together.run({"a": lambda _: meet("a", "b"), "b": lambda _: meet("b", "a")})
    assert set(found) == {"a", "b"}


def test_the_first_failure_ends_the_others_and_is_raised() -> None:
    cleaned = Event()

    def slow(_: Part) -> Path:
        try:
            process.run(("sleep", "600"), seconds=900)
        except StepFailed:
            cleaned.set()
            raise
        return Path("slow")

    def fail(_: Part) -> Path:
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        together.run({"slow": slow, "fail": fail, "needs": lambda part: part("fail")})
    assert cleaned.is_set()
