"""Many read-only commands in one round trip: the script that runs them, and the reading of what it prints."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

# Each worker takes every n-th command, so that a guest with several CPUs answers sooner. Answers are framed by their
# length, because a command may print anything: first all codes, then all lengths, then all answers. Processes are what
# takes time in an emulated guest, so there are three for all of that and none for each.
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
m=$#
set --
i=0
while [ "$i" -lt "$m" ]; do
  read -r r <"$d/r$i" || r=1
  echo "$r"
  : >>"$d/o$i"
  set -- "$@" "$d/o$i"
  i=$((i + 1))
done
stat -c %s -- "$@"
cat -- "$@"
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
    *heads, rest = stdout.split(b"\n", 2 * len(commands))
    if len(heads) != 2 * len(commands) or not all(head.isdigit() for head in heads):
        return {}
    codes, sizes = ([int(head) for head in half] for half in (heads[: len(commands)], heads[len(commands) :]))
    answers: dict[str, Answer] = {}
    for command, code, size in zip(commands, codes, sizes, strict=True):
        if len(rest) < size:
            break
        answers[command] = Answer(code=code, stdout=rest[:size])
        rest = rest[size:]
    return answers
