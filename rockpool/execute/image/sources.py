"""Debian's apt sources, for another suite than the one they were written for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_ONE_LINE = re.compile(r"deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>.+)")
_POCKETS = ("", "-updates", "-security", "/updates")


def retarget(files: Iterable[str], release: Mapping[str, str], suite: str) -> str:
    """Return deb822 text of the sources in `files` (both formats) that serve Debian itself, moved to `suite`.

    `release` is os-release as a mapping. Empty when it is not Debian's or none serves Debian: backports, other
    archives and other distributions have no say in what a machine of ours is made of.
    """
    codename = release.get("VERSION_CODENAME", "")
    if release.get("ID") != "debian" or not codename:
        return ""
    stanzas = [moved for text in files for stanza in _stanzas(text) if (moved := _move(stanza, codename, suite))]
    return "\n".join("".join(f"{key}: {value}\n" for key, value in stanza.items()) for stanza in stanzas)


def _move(stanza: Mapping[str, str], codename: str, suite: str) -> dict[str, str] | None:
    known = {codename + pocket for pocket in _POCKETS}
    suites = [word for word in stanza.get("Suites", "").split() if word in known]
    components = [word for word in stanza.get("Components", "").split() if word == "main"]
    if not (suites and components and "deb" in stanza.get("Types", "").split()):
        return None
    if stanza.get("Enabled", "yes").lower() == "no":
        return None
    moved = [word.replace(codename, suite).replace("/updates", "-security") for word in suites]
    return {**stanza, "Types": "deb", "Suites": " ".join(moved), "Components": "main"}


def _stanzas(text: str) -> Iterable[dict[str, str]]:
    """Parse either format: a file whose lines begin with `deb` is of the older one."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    if any(line.startswith(("deb ", "deb\t", "deb-src")) for line in lines):
        return [_one_line(found) for line in lines if (found := _ONE_LINE.fullmatch(line.strip()))]
    return [stanza for part in re.split(r"\n\s*\n", "\n".join(lines)) if (stanza := _deb822(part))]


def _one_line(found: re.Match[str]) -> dict[str, str]:
    stanza = {"Types": "deb", "URIs": found["uri"], "Suites": found["suite"], "Components": found["components"]}
    for option in (found["options"] or "").split():
        key, _, value = option.partition("=")
        stanza[{"signed-by": "Signed-By", "arch": "Architectures"}.get(key, key)] = value.replace(",", " ")
    return stanza


def _deb822(part: str) -> dict[str, str]:
    """Parse one stanza; a value that goes on in the next line (an inline key) keeps its lines."""
    stanza: dict[str, str] = {}
    key = ""
    for line in part.splitlines():
        if line[:1].isspace() and key:
            stanza[key] += "\n" + line
        elif ":" in line:
            key, _, value = line.partition(":")
            stanza[key] = value.strip()
    return stanza
