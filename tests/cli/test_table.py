"""What people read lines up, and nothing that others wrote moves the cursor."""

from rockpool.cli.table import pairs, table


def test_columns_line_up() -> None:
    assert table(("NAME", "STATE"), [("demo", "running"), ("a-longer-one", "")]).splitlines() == [
        "NAME          STATE",
        "demo          running",
        "a-longer-one",
    ]


def test_control_characters_of_others_are_blanks() -> None:
    assert table(("LABEL",), [("\x1b[2Jgone\nx\r",)]).splitlines() == ["LABEL", " [2Jgone x"]


def test_empty_values_are_left_out() -> None:
    assert pairs([("name", "demo"), ("branch", ""), ("repository", "url")]).splitlines() == [
        "name        demo",
        "repository  url",
    ]
