"""The reference of all commands: `python -m rockpool.cli.reference > docs/reference/cli.md`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from rockpool.cli.main import program

_HEAD = """# Commands

Made by `python -m rockpool.cli.reference`; a test says when it is old. `rockpool NOUN VERB` and `invoke NOUN.VERB` are
the same commands and take the same words. Long work is told on stderr, what a script wants on stdout.

| exit code | means |
|---|---|
| 0 | done |
| 1 | something else, such as a part that is not well |
| 2 | wrong values; all of them are named, and nothing was changed |
| 3 | this machine or the root VM lacks something, or does not answer |
| 4 | refused, because something would be lost |
| 5 | no such thing |
| 6 | somebody else is doing it |
| 7 | a step has failed; the reason is told |
| 8 | it did not happen in time |
| 9 | data of ours is damaged |
| 10 | not in this state; what is allowed is told |
| 130 | Ctrl-C; a wish goes on without you |

`exec` and `ssh` end with the code of what ran inside.
"""


def reference(root: click.Group) -> str:
    """Return the reference in Markdown: commands without a noun, then each noun with its verbs."""
    context = click.Context(root, info_name="rockpool")
    return "\n".join([_HEAD, *_acts(root, context), *_nouns(root, context)])


def _nouns(root: click.Group, context: click.Context) -> Iterator[str]:
    for name, command in _shown(root, context):
        if isinstance(command, click.Group):
            yield f"## {name}\n\n{_help(command)}\n"
            yield from _acts(command, click.Context(command, info_name=name, parent=context))


def _acts(group: click.Group, context: click.Context) -> Iterator[str]:
    for name, command in _shown(group, context):
        if not isinstance(command, click.Group):
            yield _command(command, click.Context(command, info_name=name, parent=context))


def _shown(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command and not command.hidden:
            yield name, command


def _command(command: click.Command, context: click.Context) -> str:
    """Return one command: how it is called, what it does, its options."""
    words = " ".join(p.make_metavar(context) for p in command.params if isinstance(p, click.Argument))
    rows = [
        row
        for p in command.params
        if isinstance(p, click.Option) and not p.hidden and (row := p.get_help_record(context))
    ]
    options = "".join(f"- `{name}`: {_plain(text)}\n" for name, text in rows)
    title = f"`{context.command_path} {words}`" if words else f"`{context.command_path}`"
    return f"### {title}\n\n{_help(command)}\n" + (f"\n{options}" if options else "")


def _help(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "")


def _plain(text: str) -> str:
    return text.replace("  [", " [")


if __name__ == "__main__":
    print(reference(program), end="")
