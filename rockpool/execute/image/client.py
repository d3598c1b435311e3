"""How this machine reaches its package sources. An image is built the same way: all is copied, none written."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rockpool.execute import process
from rockpool.execute.image.sources import retarget

CERTIFICATES = (Path("/usr/local/share/ca-certificates"), Path("/etc/pki/ca-trust/source/anchors"))
"""Where a Linux keeps the authorities that its owner added."""

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
"""All authorities in one file, on every Debian."""

FILES = {
    "~/.npmrc": ".npmrc",
    "~/.netrc": ".netrc",
    "~/.config/pip": ".config/pip",
    "~/.config/go/env": ".config/go/env",
    "~/.m2/settings.xml": ".m2/settings.xml",
    "~/.m2/settings-security.xml": ".m2/settings-security.xml",
    "/etc/pip.conf": ".pip/pip.conf",
}
"""Configuration of package clients, and where each belongs in a home."""

VARIABLES = re.compile(
    r"(?:https?|ftp|all|no)_proxy|PIP_\w+|npm_config_\w+|GO(?:PROXY|PRIVATE|NOPROXY|SUMDB|NOSUMDB|INSECURE|AUTH)|MAVEN_\w+",
    re.IGNORECASE,
)
"""Environment of package clients. A path in it must exist on a Debian, so those of certificates are set anew."""

APT_OPTIONS = re.compile(r"Acquire::(?:https?|Check-Valid-Until|Check-Date|Retries|ForceIPv4|ForceIPv6)\b.*;")


@dataclass(frozen=True, kw_only=True)
class Client:
    """The part of this machine's configuration that ends up in an image: an input of its key."""

    apt_sources: str
    """deb822 text for Debian's suite, or empty on a machine that is not Debian: mmdebstrap then knows its own."""
    apt_options: tuple[str, ...]
    certificates: Mapping[str, bytes]

    def digest_parts(self) -> dict[str, bytes]:
        """Return what the key of an image takes in."""
        return {
            "client/apt.sources": self.apt_sources.encode(),
            "client/apt.conf": "\n".join(self.apt_options).encode(),
            **{f"client/{name}": content for name, content in self.certificates.items()},
        }


def read(suite: str) -> Client:
    """Read this machine's apt sources, options and own certificates; `suite` replaces its own one."""
    return Client(
        apt_sources=retarget(_apt_files(), _release(), suite),
        apt_options=_apt_options(),
        certificates={
            f"{path.stem}.crt": path.read_bytes()
            for directory in CERTIFICATES
            for path in sorted((*directory.glob("**/*.crt"), *directory.glob("**/*.pem")))
        },
    )


def place(client: Client, directory: Path) -> None:
    """Fill a directory with `certificates/`, a `home/` with the clients' files, and `env` for a shell to read."""
    certificates, home = directory / "certificates", directory / "home"
    certificates.mkdir(parents=True)
    home.mkdir()
    for name, content in client.certificates.items():
        (certificates / name).write_bytes(content)
    for source, target in FILES.items():
        path, copy = Path(source).expanduser(), home / target
        if path.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, copy)
            else:
                shutil.copyfile(path, copy)
    lines = (f"export {key}={shlex.quote(value)}" for key, value in sorted(_environment().items()))
    (directory / "env").write_text("\n".join(lines) + "\n")


def _environment() -> dict[str, str]:
    found = {key: value for key, value in os.environ.items() if VARIABLES.fullmatch(key)}
    for key in found:
        if key.upper().endswith(("_CERT", "_CAFILE")):
            found[key] = BUNDLE
    return {**found, "NODE_EXTRA_CA_CERTS": BUNDLE, "PIP_CERT": BUNDLE, "SSL_CERT_FILE": BUNDLE}


def _release() -> Mapping[str, str]:
    lines = Path("/etc/os-release").read_text().splitlines()
    return {key: value.strip('"') for key, mark, value in (line.partition("=") for line in lines) if mark}


def _apt_files() -> Iterable[str]:
    directory = Path("/etc/apt")
    paths = (directory / "sources.list", *sorted(directory.glob("sources.list.d/*.list")))
    paths += tuple(sorted(directory.glob("sources.list.d/*.sources")))
    return tuple(path.read_text() for path in paths if path.is_file())


def _apt_options() -> tuple[str, ...]:
    if shutil.which("apt-config") is None:
        return ()
    lines = process.run(("apt-config", "dump", "Acquire"), seconds=30).splitlines()
    wanted = (line for line in lines if APT_OPTIONS.fullmatch(line) and not line.endswith(' "";'))
    return tuple(dict.fromkeys(wanted))
