"""A machine's condition as a person or a script wants to know it."""

from __future__ import annotations

from typing import Any

from rockpool.errors import Damaged, RockpoolError
from rockpool.execute.machine.directory import Directory, existing
from rockpool.execute.machine.lifecycle import FindImage, find_image
from rockpool.execute.machine.listing import current
from rockpool.runtimes.qemu import DISKS
from rockpool.spec import Machine, format_size, round_size


def describe(name: str, *, find: FindImage = find_image) -> dict[str, Any]:
    """Return everything about one machine as plain data. Raises NotFound, Refused when it is not ours."""
    machine = existing(name)
    found = current(machine)
    return {
        "name": name,
        "directory": str(machine.path),
        "state": str(found.state),
        "missing": list(machine.missing),
        "pid": found.pid,
        "accelerator": found.accelerator,
        "ssh": f"ssh -F {machine.path / 'ssh_config'} {name}" if found.spec else "",
        "image": _image(found.spec, found.image_key, find),
        "forwards": _forwards(found.spec),
        "disks": _disks(machine, found.spec),
    }


def lines(data: dict[str, Any]) -> list[str]:
    """Say what `describe` returned in people's words."""
    told = [f"{data['name']} is {data['state']}"]
    if data["pid"]:
        told.append(f"  process {data['pid']}, accelerator {data['accelerator'] or 'not known'}")
    if data["missing"]:
        told.append(f"  it lacks {', '.join(data['missing'])}: make up completes it")
    if data["image"]:
        told.append(f"  image {data['image']['name']} {data['image']['key']}{_newer(data['image'])}")
    told += [f"  {forward['from']} leads to its port {forward['to']}" for forward in data["forwards"]]
    told += [
        f"  disk {disk}: {row['size']}, {row['on_host']} of it on this host" for disk, row in data["disks"].items()
    ]
    return [*told, *([f"  {data['ssh']}"] if data["ssh"] else [])]


def _image(spec: Machine | None, key: str, find: FindImage) -> dict[str, Any]:
    if spec is None:
        return {}
    try:
        newest = find(spec.image).key
    except RockpoolError as error:
        newest = "damaged" if isinstance(error, Damaged) else ""
    return {"name": spec.image, "key": key, "newest": newest, "fix": _fix(key, newest, spec)}


def _fix(key: str, newest: str, spec: Machine) -> str:
    """Another image is no reason to stop anything: the deploy reaches the same state on any."""
    if newest in (key, ""):
        return ""
    if newest == "damaged":
        return f"invoke image.build {spec.image}"
    return f"invoke vm.rebuild --name {spec.name}"


def _newer(image: dict[str, Any]) -> str:
    return f"; {image['newest']} is the current one: {image['fix']}" if image["fix"] else ""


def _forwards(spec: Machine | None) -> list[dict[str, Any]]:
    forwards = spec.forwards if spec else ()
    return [{"from": f"{forward.host_address}:{forward.host_port}", "to": forward.guest_port} for forward in forwards]


def _disks(machine: Directory, spec: Machine | None) -> dict[str, dict[str, str]]:
    if spec is None:
        return {}
    paths = {disk: machine.path / f"{disk}.qcow2" for disk in DISKS}
    return {
        disk: {
            "size": format_size(getattr(spec, disk)),
            "on_host": round_size(path.lstat().st_blocks * 512),
        }
        for disk, path in paths.items()
        if path.is_file()
    }
