"""The client: verbs to the socket, answers back."""

import socket
import threading
from pathlib import Path

import pytest

from rockpool.guest import places, wsctl


def test_a_bad_verb_is_refused_before_anything_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    assert wsctl.ask(["survey", "reboot"]) == 2
    assert capsys.readouterr().err == "wsctl: not a verb: 'reboot'\n"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (b"ok {}\nerror disk full\n", "disk full"),
        (b"ok {}\n", "no answer, eight others are being served"),
    ],
)
def test_the_client_tells_the_reason_of_a_failure(
    answers: bytes, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(places, "WSCTL", str(tmp_path / "s"))
    asked = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile() as lines:
                asked.extend(lines)
                connection.sendall(answers)

        thread = threading.Thread(target=answer)
        thread.start()
        code = wsctl.ask(["survey", "home keep demo"])
        thread.join()
    said = capsys.readouterr()
    assert asked == ["survey\n", "home keep demo\n"]
    assert (code, said.out, said.err) == (1, "{}\n", f"wsctl: cannot home keep demo: {reason}\n")
