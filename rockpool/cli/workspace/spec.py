"""From options to what the API is asked for, and from its faults back to the options."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from rockpool.errors import Fault, InputError

Reader = Callable[[str], str]
"""Returns the text of a file, of stdin for `-`. Raises OSError."""

_OPTIONS = {"name": "NAME", "ports": "--expose", "sudo": "--no-sudo", "idleTimeout": "--idle-timeout"}


def variables(given: Iterable[str], environment: Mapping[str, str], read: Reader) -> dict[str, str]:
    """Read `K=V`, `K=@FILE`, `K=@-` and `K`, which means the environment's. Raises InputError with every fault."""
    found: dict[str, str] = {}
    faults = []
    for item in given:
        key, said, text = item.partition("=")
        try:
            if not said:
                found[key] = environment[key]
            else:
                found[key] = read(text[1:]).removesuffix("\n") if text.startswith("@") else text
        except KeyError:
            faults.append(Fault(field=f"--env {key}", message="is not in your environment; say K=V or K=@FILE"))
        except (OSError, ValueError) as error:
            faults.append(Fault(field=f"--env {key}", message=f"cannot be read: {error}"))
    if faults:
        raise InputError("the workspace", faults)
    return found


def exposed(given: Iterable[str]) -> list[dict[str, Any]]:
    """Read `N` and `N=LABEL`."""
    parts = (item.partition("=") for item in given)
    return [{"port": number(port), "label": label} for port, _, label in parts]


def number(text: str) -> int | str:
    """Return a number; what is none stays a text, so that the API tells it along with all other faults."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else text


def source(home: str) -> str:
    """Return what the API calls the source of a home; a bare ID is one that was kept."""
    return home if "/" in home else f"kept/{home}"


def in_options(error: InputError, names: Mapping[str, str] = _OPTIONS) -> InputError:
    """Return the API's faults under the names that the options have here."""
    faults = [replace(fault, field=_option(fault.field, names)) for fault in error.faults]
    return InputError(error.what.removesuffix(" is not valid"), faults)


def _option(field: str, names: Mapping[str, str]) -> str:
    base, _, rest = re.sub(r"\[[0-9]+\]", "", field).partition(".")
    if base in names:
        return names[base]
    return f"--{base} {rest}" if rest else f"--{base}"
