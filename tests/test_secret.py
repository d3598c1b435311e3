"""A secret shows itself only when it is asked to."""

from rockpool.secret import Secret
from rockpool.step import Run


def test_a_secret_is_not_seen_in_any_text() -> None:
    secret = Secret("hunter2")
    step = Run(argv=("login",), stdin=secret, why="log in")
    assert "hunter2" not in f"{secret} {secret!r} {secret:>20} {step}"
    assert secret.reveal() == "hunter2"
