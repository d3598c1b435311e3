"""The verbs: what each line has to look like, and what carries it out. All modules come when they are needed."""

from __future__ import annotations

from importlib import import_module

from rockpool.guest import places
from rockpool.guest.failure import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing these takes longer than all the rest
    from collections.abc import Callable

    Check = Callable[[str], bool]


def _is_user(text: str) -> bool:
    return places.is_number(text, places.FIRST_USER, places.LAST_USER)


def _is_size(text: str) -> bool:
    return places.is_number(text, 1, 2**60)


VERBS: dict[str, tuple[str, tuple[Check, ...]]] = {
    "survey": ("survey.survey", ()),
    "container remove": ("podman.remove", (places.is_name,)),
    "route start": ("routes.start", (places.is_route,)),
    "route stop": ("routes.stop", (places.is_route,)),
    "route remove": ("routes.remove", (places.is_route,)),
    "route wait": ("routes.wait", (places.is_route,)),
    "home create": ("homes.create", (places.is_name, _is_user, _is_size)),
    "home copy": ("copies.copy", (places.is_name, places.is_name, _is_user, _is_size)),
    "home restore": ("homes.restore", (places.is_kept, places.is_name, _is_user, _is_size)),
    "home keep": ("homes.keep", (places.is_name,)),
    "home remove": ("homes.remove", (places.is_name,)),
    "home purge": ("homes.purge", (places.is_kept,)),
    "home cloned": ("homes.cloned", (places.is_name,)),
    "quota": ("quotas.limit", (places.is_name, _is_size)),
}


def parse(line: str) -> tuple[str, tuple[str | int, ...]]:
    """Return what carries out a verb, as MODULE.FUNCTION, and its arguments. Raises Failure."""
    words = line.split(" ")
    for count in (1, 2):
        act, checks = VERBS.get(" ".join(words[:count]), ("", ()))
        rest = words[count:]
        if act and len(rest) == len(checks) and all(check(word) for check, word in zip(checks, rest, strict=True)):
            return act, tuple(int(word) if word.isdecimal() else word for word in rest)
    raise Failure(f"not a verb: {line!r}")


def do(line: str) -> object:
    """Carry out a verb and return what it tells, if anything. Raises Failure, or OSError."""
    act, arguments = parse(line)
    module, _, function = act.partition(".")
    return getattr(import_module(f"rockpool.guest.{module}"), function)(*arguments)
