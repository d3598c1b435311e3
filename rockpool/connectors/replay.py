"""Many read-only commands in one round trip: the script that runs them, and the reading of what it prints."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

# Each worker takes every n-th command, so that a guest with several CPUs answers sooner. Answers are framed by their
# length, because a command may print anything.
_SCRIPT = """\
d=$(mktemp -d) || exit 1
trap 'rm -rf "$d"' EXIT
n=$(nproc 2>/dev/null) || n=1
k=0
while [ "$k" -lt "$n" ]; do
  ( i=0
    for c in "$@"; do
      if [ $((i % n)) -eq "$k" ]; then
        sh -c "$c" >"$d/o$i" 2>/dev/null </dev/null
        echo $? >"$d/r$i"
      fi
      i=$((i + 1))
    done ) &
  k=$((k + 1))
done
wait
i=0
for c in "$@"; do
  read -r r <"$d/r$i" || r=1
  printf '%s %s\\n' "$r" "$(wc -c <"$d/o$i")"
  cat "$d/o$i"
  i=$((i + 1))
done
"""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one command printed to stdout, and its exit code."""

    code: int
    stdout: bytes

    @property
    def lines(self) -> list[str]:
        """Its stdout as pyinfra sees it: lines without their end."""
        text = self.stdout.decode(errors="replace")
        return [line.rstrip("\n") for line in text.splitlines(keepends=True)] if text else []


def script(commands: Sequence[str]) -> str:
    """Return a POSIX script, to be read from stdin by `sh`, that runs every command once and prints the answers."""
    return f"set -- {' '.join(shlex.quote(command) for command in commands)}\n{_SCRIPT}"


def parse(stdout: bytes, commands: Sequence[str]) -> dict[str, Answer]:
    """Read what `script` printed. An answer that did not arrive whole is left out, and so are those behind it."""
    answers: dict[str, Answer] = {}
    rest = stdout
    for command in commands:
        head, found, body = rest.partition(b"\n")
        numbers = head.split()
        if not found or len(numbers) != 2 or not all(number.isdigit() for number in numbers):
            break
        code, size = (int(number) for number in numbers)
        if len(body) < size:
            break
        answers[command] = Answer(code=code, stdout=body[:size])
        rest = body[size:]
    return answers
