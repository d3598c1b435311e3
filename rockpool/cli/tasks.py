"""The same commands as invoke tasks: `invoke vm.start` is `rockpool vm start`."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Container, Sequence
from typing import Any

import click
from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import Task

from rockpool.cli import spoken
from rockpool.errors import RockpoolError


def collection(program: click.Group, line: Sequence[str] = ()) -> Collection:
    """Return one invoke task for each command of the click program, namespaced by its group.

    invoke knows no word that may be left out. So each task asks for as many words as the command line `line` has for
    it, and for nothing that is not there.
    """
    root, names = Collection(), spoken.tasks(program)
    context = click.Context(program)
    for name in program.list_commands(context):
        command = program.get_command(context, name)
        if isinstance(command, click.Group):
            if not command.hidden:
                root.add_collection(_group(command, name, line, names), name=name)
        elif command:
            root.add_task(_task(command, name, line, names), name=name)
    return root


def _group(group: click.Group, noun: str, line: Sequence[str], names: Container[str]) -> Collection:
    tasks = Collection()
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command and not command.hidden:
            # A noun that can stand alone means its first verb.
            alone = group.invoke_without_command and not tasks.default
            tasks.add_task(_task(command, f"{noun}.{name}", line, names), name=name, default=alone)
    return tasks


def _task(command: click.Command, name: str, line: Sequence[str], names: Container[str]) -> Task[Any]:
    """Wrap a command: its arguments become words, its options flags, and what stands behind `--` its last words."""
    arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    words = spoken.words(arguments, spoken.given(line, name, options, names))
    behind = spoken.behind(line)

    def body(context: Context, **values: Any) -> None:
        # invoke joins what stands behind `--` with blanks; the command line itself still knows the words.
        rest = behind if " ".join(behind) == context.remainder else shlex.split(context.remainder)
        said = [str(values[word]) for word in words if values[word]]
        _run(command, [*spoken.flags(options, values), "--", *said, *rest])

    body.__doc__ = _doc(command, arguments)
    body.__signature__ = _signature(words, options)  # type: ignore[attr-defined]  # read by inspect.signature
    repeated = [spoken.flag(option) for option in options if option.multiple]
    helps = {spoken.flag(option): option.help or "" for option in options}
    return Task(body, iterable=repeated, help=helps, auto_shortflags=False)


def _doc(command: click.Command, arguments: Sequence[click.Argument]) -> str:
    context = click.Context(command)
    usage = " ".join(argument.make_metavar(context) for argument in arguments)
    return f"{command.help or ''}\n\nWords: {usage}" if usage else command.help or ""


def _signature(words: Sequence[str], options: Sequence[click.Option]) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    flags = [inspect.Parameter(spoken.flag(option), kind, default=_default(option)) for option in options]
    return inspect.Signature([*(inspect.Parameter(word, kind) for word in ("context", *words)), *flags])


def _default(option: click.Option) -> Any:
    if option.is_flag:
        return False
    return [] if option.multiple else ""


def _run(command: click.Command, argv: list[str]) -> None:
    """Let click alone parse and check; tell its faults and ours as invoke's own."""
    try:
        command.main(argv, standalone_mode=False)
    except RockpoolError as error:
        raise Exit(str(error), code=error.exit_code) from error
    except click.ClickException as error:
        raise Exit(error.format_message(), code=error.exit_code) from error
    except click.exceptions.Exit as done:
        raise Exit(code=done.exit_code) from done
    except click.Abort as stop:
        raise Exit("stopped", code=130) from stop
