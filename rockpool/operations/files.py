"""Files of ours on a host: whole, checked, and with the right owner from their first moment."""

from __future__ import annotations

import hashlib
from pathlib import Path as LocalPath

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.errors import Refused
from rockpool.facts.files import Entry, Path, Strays
from rockpool.facts.script import Commands, argv, script
from rockpool.operations.refuse import refuse
from rockpool.secret import Secret

_TEMPLATES = LocalPath(__file__).resolve().parents[2] / "templates"


@operation()
def config(
    dest: str,
    content: str | Secret,
    *,
    mode: str = "644",
    user: str = "root",
    group: str = "root",
    validate: tuple[str, ...] = (),
) -> Commands:
    """A file with this content, mode and owner, replaced atomically.

    + dest: absolute path; its directory exists
    + content: the whole file; a Secret is never printed
    + mode: octal digits, as in chmod
    + validate: argv that exits 0 for a good file; `{}` in it is the path of the new one. A bad one changes nothing

    A directory in its place is refused; anything else is replaced.
    """
    text = content.reveal() if isinstance(content, Secret) else content
    wanted = Entry(kind="file", mode=_mode(mode), user=user, group=group, content=_sha256(text))
    current = host.get_fact(Path, path=dest)
    if _same(current, wanted):
        host.noop(f"{dest} is as wanted")
    elif current and current.kind == "directory":
        yield refuse(_in_the_way(f"have a file at {dest}", dest, current))
    else:
        size = str(len(text.encode()))
        yield script("write", dest, _mode(mode), user, group, size, *validate, stdin=content)


@operation()
def directory(path: str, *, mode: str = "755", user: str = "root", group: str = "root") -> Commands:
    """A directory with this mode and owner; what is in it is not looked at. Anything else there is refused."""
    wanted = Entry(kind="directory", mode=_mode(mode), user=user, group=group)
    current = host.get_fact(Path, path=path)
    if _same(current, wanted):
        host.noop(f"{path} is as wanted")
    elif current and current.kind != "directory":
        yield refuse(_in_the_way(f"have a directory at {path}", path, current))
    else:
        yield argv("install", "-d", "-m", _mode(mode), "-o", user, "-g", group, "--", path)


@operation()
def owned(path: str, *, users: tuple[str, ...], group: str) -> Commands:
    """A directory in which everything belongs to one of `users` and to `group`, by number as by name.

    What does not is given to the first user. Accounts that are made anew have other numbers, and so has another system.
    """
    strays = host.get_fact(Strays, path=path, users=users, group=group)
    if strays:
        yield script("own", path, group, *users)
    else:
        host.noop(f"all in {path} has its owner")


@operation()
def link(path: str, *, target: str) -> Commands:
    """A symbolic link to `target`, replaced atomically. A directory in its place is refused."""
    current = host.get_fact(Path, path=path)
    if current and current.kind == "link" and current.content == target:
        host.noop(f"{path} is as wanted")
    elif current and current.kind == "directory":
        yield refuse(_in_the_way(f"have a link at {path}", path, current))
    else:
        yield script("link", path, target)


@operation()
def absent(path: str) -> Commands:
    """No file or link at this path. A directory is refused, because it may hold what somebody needs."""
    current = host.get_fact(Path, path=path)
    if current is None:
        host.noop(f"{path} is absent")
    elif current.kind == "directory":
        yield refuse(_in_the_way(f"remove {path}", path, current))
    else:
        yield argv("rm", "-f", "--", path)


def template(relative_path: str, **values: object) -> str:
    """Return a file of `templates/` filled in. A name that is missing is an error; a Secret must not be a value."""
    hidden = [name for name, value in values.items() if isinstance(value, Secret)]
    if hidden:
        raise TypeError(
            f"{relative_path}: {', '.join(hidden)} would be written as <secret>; pass the whole as a Secret"
        )
    return _environment.get_template(relative_path).render(values)


_environment = Environment(  # noqa: S701  # the files are configuration, not HTML
    loader=FileSystemLoader(_TEMPLATES),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _same(current: Entry | None, wanted: Entry) -> bool:
    fields = ("kind", "mode", "user", "group", "content")
    return current is not None and all(getattr(current, field) == getattr(wanted, field) for field in fields)


def _mode(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _in_the_way(act: str, path: str, current: Entry) -> Refused:
    return Refused(
        f"cannot {act}",
        why=f"a {current.kind} of {current.user} is there, which is not ours to remove",
        fix=f"move {path} away and deploy again",
    )
