"""A plan is told as its steps' reasons."""

from rockpool.step import Run, Wait, explain


def test_a_plan_is_told_one_line_a_step() -> None:
    steps = (Run(argv=("true",), why="create demo"), Wait(argv=("true",), why="editor answers"))
    assert explain(steps) == "create demo\neditor answers"


def test_the_empty_plan_says_so() -> None:
    assert explain(()) == "nothing to do"
