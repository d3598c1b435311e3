"""Secrets of the host, each made once and never rotated by a second run."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from rockpool.errors import Damaged, HostNotReady, NotFound
from rockpool.execute import files, home, lock
from rockpool.secret import Secret

USER = "admin"

# The password is random: more rounds would only slow the door down.
_ROUNDS = 10
_PASSWORD_BYTES = 24


@dataclass(frozen=True, kw_only=True)
class Admin:
    """Who may come in by the door. `bcrypt` is the password's hash, which is all that the root VM gets."""

    user: str
    password: Secret
    bcrypt: Secret


def admin() -> Admin:
    """Return the credentials. Raises NotFound before they are made, HostNotReady when others could read it, Damaged."""
    path = _path()
    if not path.exists():
        raise NotFound("there is no password yet", why=f"{path} is absent", fix="run make up, which makes it")
    if path.stat().st_mode & 0o077:
        raise HostNotReady(f"others can read {path}", why="its mode is wider than 0600", fix=f"chmod 600 {path}")
    try:
        row = json.loads(path.read_text())
        return Admin(user=row["user"], password=Secret(row["password"]), bcrypt=Secret(row["bcrypt"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(
            f"cannot read {path}",
            why=f"{type(error).__name__}: {error}",
            fix="move it away; the next run makes another",
        ) from error


def make() -> Admin:
    """Return the credentials, made when there are none. Raises what `admin` raises, and Busy."""
    with lock.hold(home.locks() / "secrets", "make the password"):
        if not _path().exists():
            home.make(home.secrets())
            files.write(_path(), json.dumps(_row()) + "\n", mode=0o600)
        return admin()


def _path() -> Path:
    return home.secrets() / "admin.json"


def _row() -> dict[str, str]:
    import bcrypt

    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(_ROUNDS))
    return {"user": USER, "password": password, "bcrypt": hashed.decode()}
