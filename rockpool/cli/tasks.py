"""The same commands as invoke tasks: `invoke vm.start` is `rockpool vm start`."""

from __future__ import annotations

import inspect
import shlex
from typing import Any

import click
from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import Task

from rockpool.errors import RockpoolError


def collection(program: click.Group) -> Collection:
    """Return one invoke task for each command of the click program, namespaced by its group."""
    root = Collection()
    context = click.Context(program)
    for name in program.list_commands(context):
        command = program.get_command(context, name)
        if isinstance(command, click.Group):
            if not command.hidden:
                root.add_collection(_group(command), name=name)
        elif command:
            root.add_task(_task(command), name=name)
    return root


def _group(group: click.Group) -> Collection:
    tasks = Collection()
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command:
            tasks.add_task(_task(command), name=name)
    return tasks


def _task(command: click.Command) -> Task[Any]:
    """Wrap a command. Required arguments stay positional, other ones become flags (invoke has no optional positional).

    What stands behind `--` goes to an argument that takes many.
    """
    parameters = [p for p in command.params if isinstance(p, (click.Argument, click.Option)) and p.nargs != -1]

    def body(context: Context, **values: Any) -> None:
        try:
            command.main(_argv(command, values, context.remainder), standalone_mode=False)
        except RockpoolError as error:
            raise Exit(str(error), code=error.exit_code) from error
        except click.ClickException as error:
            raise Exit(error.format_message(), code=error.exit_code) from error
        except click.exceptions.Exit as done:
            raise Exit(code=done.exit_code) from done

    body.__doc__ = command.help or ""
    signature = [inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for parameter in sorted(parameters, key=_is_optional):
        default = _default(parameter) if _is_optional(parameter) else inspect.Parameter.empty
        signature.append(
            inspect.Parameter(str(parameter.name), inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)
        )
    body.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]  # read by inspect.signature
    repeated = [str(p.name) for p in parameters if p.multiple]
    helps = {str(p.name).replace("_", "-"): p.help or "" for p in parameters if isinstance(p, click.Option)}
    return Task(body, iterable=repeated, help=helps, auto_shortflags=False)


def _is_optional(parameter: click.Argument | click.Option) -> bool:
    return isinstance(parameter, click.Option) or not parameter.required


def _default(parameter: click.Argument | click.Option) -> Any:
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return False
    return [] if parameter.multiple else ""


def _argv(command: click.Command, values: dict[str, Any], remainder: str) -> list[str]:
    """Turn invoke's values back into an argv, so that click alone parses and checks them."""
    options: list[str] = []
    arguments: list[str] = []
    for parameter in command.params:
        value = values.get(str(parameter.name))
        if isinstance(parameter, click.Argument):
            texts = shlex.split(remainder) if parameter.nargs == -1 else [str(value)] if value else []
            arguments += texts
        elif isinstance(parameter, click.Option) and value:
            for item in value if parameter.multiple else [value]:
                options += [parameter.opts[0]] if parameter.is_flag else [f"{parameter.opts[0]}={item}"]
    return [*options, "--", *arguments]
