"""What about the configuration may differ from one installation to another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rockpool import names
from rockpool.errors import Fault, InputError
from rockpool.secret import Secret


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """One of the three ports.

    `listen` is a Caddy network address; `fd/N` is a listening socket that systemd hands over. `url` is how a browser
    reaches it, `http(s)://HOST[:PORT]` without a path: host forwards and tunnels may change both host and port.
    """

    listen: str
    url: str

    @property
    def scheme(self) -> str:
        """Return `http` or `https`, as the browser sees it."""
        return self.url.partition("://")[0]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that the configuration depends on. Durations are seconds.

    `password_hash` is a bcrypt hash in modular crypt form. `control_socket` is the control plane's Unix socket; empty
    while none is installed. `try_seconds` is how long a request waits for a workspace that is restarting;
    `stream_close_seconds` how long open WebSockets outlive a change of the configuration.
    """

    password_hash: Secret
    user: str = "admin"
    app: Entrance = Entrance(listen="fd/3", url="http://localhost:8080")
    ide: Entrance = Entrance(listen="fd/4", url="http://localhost:8081")
    preview: Entrance = Entrance(listen="fd/5", url="http://localhost:8082")
    admin_socket: str = "/run/caddy/admin.sock"
    routes_dir: str = names.ROUTES_DIR
    data_dir: str = "/var/lib/rockpool/caddy"
    control_socket: str = ""
    try_seconds: int = 5
    stream_close_seconds: int = 24 * 3600
    log_level: str = "INFO"

    def __post_init__(self) -> None:
        """Refuse values that would change the meaning of the configuration. Raises InputError with every fault."""
        if faults := sorted(_faults(self)):
            raise InputError("the settings of Caddy", faults)

    @classmethod
    def for_urls(cls, urls: Mapping[str, str], password_hash: Secret, user: str = "admin") -> Settings:
        """Return the root VM's settings for the base URLs of `app`, `ide` and `preview`. Raises InputError."""
        if unknown := sorted(set(urls) - {"app", "ide", "preview"}):
            raise InputError("the settings of Caddy", [Fault(field=f"urls.{name}", message=_KNOWN) for name in unknown])
        return cls(
            password_hash=password_hash,
            user=user,
            app=_at(cls.app, urls.get("app")),
            ide=_at(cls.ide, urls.get("ide")),
            preview=_at(cls.preview, urls.get("preview")),
        )


_LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")
_KNOWN = "is not known; known are app, ide, preview"
_URL = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[1-9][0-9]{0,4})?", re.IGNORECASE)
_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_BCRYPT = re.compile(r"\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}")
_PATH = re.compile(r"(?:/[A-Za-z0-9._-]+)+")


def _at(entrance: Entrance, url: str | None) -> Entrance:
    return entrance if url is None else replace(entrance, url=url.rstrip("/"))


def _faults(settings: Settings) -> list[Fault]:
    faults = [
        Fault(field=f"{name}.url", message=f"must be http(s)://HOST[:PORT] without a path, not {door.url!r}")
        for name in ("app", "ide", "preview")
        if not _URL.fullmatch((door := getattr(settings, name)).url)
    ]
    urls = [settings.app.url, settings.ide.url, settings.preview.url]
    if len(set(urls)) < len(urls):
        faults.append(Fault(field="urls", message="must differ, or the IDE, previews and /app would share an origin"))
    if not _USER.fullmatch(settings.user):
        faults.append(Fault(field="user", message=f"must be letters, digits and . _ @ -, not {settings.user!r}"))
    if not _BCRYPT.fullmatch(settings.password_hash.reveal()):
        faults.append(Fault(field="password_hash", message="must be a bcrypt hash such as $2b$12$…"))
    if settings.log_level not in _LEVELS:
        faults.append(Fault(field="log_level", message=f"must be one of {', '.join(_LEVELS)}"))
    for name in ("admin_socket", "routes_dir", "data_dir", "control_socket"):
        path = getattr(settings, name)
        if not _PATH.fullmatch(path) and not (name == "control_socket" and not path):
            faults.append(Fault(field=name, message=f"must be an absolute path of plain characters, not {path!r}"))
    return faults
