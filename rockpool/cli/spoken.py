"""Which words of an invoke command line belong to a task. Nothing here does anything."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

import click

HELP = ("--help", "-h")


def tasks(program: click.Group) -> frozenset[str]:
    """Return every `noun.verb`. A command without a noun is not among them: it could be a workspace's name."""
    context = click.Context(program)
    nouns = ((name, program.get_command(context, name)) for name in program.list_commands(context))
    return frozenset(
        f"{noun}.{verb}"
        for noun, group in nouns
        if isinstance(group, click.Group)
        for verb in group.list_commands(context)
    )


def given(line: Sequence[str], task: str, options: Sequence[click.Option], names: Container[str]) -> list[str] | None:
    """Return what stands on the command line for a task that is not a flag of it, up to the next of the tasks `names`.

    None when help is asked for.
    """
    before = _before(line)
    if task not in before:
        return []
    found: list[str] = []
    values = {option.opts[0] for option in options if not option.is_flag}
    rest = iter(before[before.index(task) + 1 :])
    for word in rest:
        if word in HELP:
            return None
        if word in values:
            next(rest, None)
        elif not word.startswith("-"):
            if word in names:
                break
            found.append(word)
    return found


def behind(line: Sequence[str]) -> list[str]:
    """Return the words behind `--`."""
    return list(line[len(_before(line)) + 1 :])


def words(arguments: Sequence[click.Argument], said: Sequence[str] | None) -> list[str]:
    """Name a parameter for each argument that is required or was said; one that takes many gets a number behind it.

    Who asks for help has to say nothing else.
    """
    if said is None:
        return []
    named: list[str] = []
    for argument in arguments:
        name, left = str(argument.name), len(said) - len(named)
        if argument.nargs == -1:
            named += [f"{name}{number}" for number in range(1, left + 1)]
        elif argument.required or left > 0:
            named.append(name)
    return named


def flag(option: click.Option) -> str:
    """Return what invoke has to call an option, so that people write it as `rockpool` does."""
    return option.opts[0].lstrip("-").replace("-", "_")


def flags(options: Sequence[click.Option], values: Mapping[str, Any]) -> list[str]:
    """Turn the values of flags back into an argv."""
    argv: list[str] = []
    for option in options:
        value = values.get(flag(option))
        for item in (value if option.multiple else [value]) if value else ():
            argv += [option.opts[0]] if option.is_flag else [f"{option.opts[0]}={item}"]
    return argv


def _before(line: Sequence[str]) -> Sequence[str]:
    return line[: line.index("--")] if "--" in line else line
