"""One deploy for all lanes of a run: the first one publishes the machine that it saved, the others take it over."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rockpool.execute import deploy, home
from rockpool.execute.machine import account
from rockpool.execute.machine.directory import directory
from rockpool.spec import Machine
from tests.bed import saved

_PARTS = ("machines", "secrets", "hosts")
_FIRST = "first"
SAVED = ("root", _FIRST)
"""The machines over whose disks others lie."""


def publish(place: Path) -> None:
    """Let others have the saved machines of this home. Their files are never written again: links are enough."""
    part = place.with_name(f".{place.name}")
    withdraw(part)
    for name in _PARTS:
        shutil.copytree(home.home() / name, part / name, copy_function=os.link)
    part.rename(place)


def withdraw(place: Path) -> None:
    """Publish it no longer. Who took it over keeps its own links."""
    shutil.rmtree(place, ignore_errors=True)


def take_over(place: Path, tell: Callable[[str], None]) -> str:
    """Have the published root VM in this home, saved and off. It has ports of its own, so it is deployed once more."""
    for part in ("secrets", "hosts"):
        shutil.rmtree(home.home() / part, ignore_errors=True)
        shutil.copytree(place / part, home.home() / part)
    (published,) = (place / "machines").iterdir()
    name, source = published.name, directory(_FIRST)
    home.make(home.machines())
    shutil.copytree(published, source.path, copy_function=os.link)
    account.give(source, account.account())
    spec = Machine.parse(source.json("spec.json"))
    source.write_json("spec.json", replace(spec, name=_FIRST).to_data())
    copy, spec = directory(name), saved.with_own_ports(spec)
    saved.choose_doors(spec)
    saved.lay_over(copy, source, spec)
    saved.resume(copy, source)
    deploy.refuse_failure(deploy.run("-y", tell=tell))
    saved.save(name)
    return name
