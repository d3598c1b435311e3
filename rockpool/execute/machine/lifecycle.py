"""Making, changing, rebuilding and destroying machines. Killed anywhere and run again, each ends in the same place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rockpool.errors import HostNotReady, InputError, NotFound, Refused, RockpoolError
from rockpool.execute.machine import disks, identity, keys, room
from rockpool.execute.machine.account import Account, account, give
from rockpool.execute.machine.directory import Directory, all_directories, directory, existing
from rockpool.execute.machine.disks import Image
from rockpool.execute.machine.hold import hold
from rockpool.execute.machine.program import program
from rockpool.execute.machine.shutdown import stop_held
from rockpool.runtimes.qemu import refuse_loss, settled
from rockpool.spec import Machine

FindImage = Callable[[str], Image]


def find_image(name: str) -> Image:
    """Return the current image of a name. Raises NotFound with the command that builds it."""
    from rockpool.execute import image

    found = image.find(name)
    return Image(name=found.name, key=found.key, path=found.path)


def create(spec: Machine, *, find: FindImage = find_image) -> None:
    """Make a machine, complete one that is half made, or change a stopped one to its spec.

    Raises Refused when something would be lost or it runs otherwise, NotFound without its image, HostNotReady, Busy.
    """
    machine = directory(spec.name)
    with hold(spec.name, "create"):
        machine.refuse_foreign()
        there = machine.spec
        if there:
            refuse_loss(spec, there)
        if identity.find(machine):
            _keep_running(machine, spec, there)
            return
        program()
        user = account()
        image = find(spec.image) if disks.lacks_system(machine) else None
        _refuse_full(machine, spec)
        _fill(machine, _with_port(spec, there), user, image)


def update(spec: Machine) -> None:
    """Change a stopped machine to its spec: bigger disks, other processors, memory, ports. Raises as `create` does."""
    existing(spec.name)
    create(spec)


def rebuild(name: str, *, find: FindImage = find_image) -> str:
    """Swap the system disk for the current image, and return that image's key. It is shut down for that.

    The state and workspaces disks, the keys and the address stay.
    """
    machine = existing(name)
    with hold(name, "rebuild"):
        spec = machine.spec
        if spec is None:
            raise NotFound(f"machine {name!r} was never whole", fix="make up completes it")
        image, user = find(spec.image), account()
        stop_held(machine)
        give(machine, user)
        disks.lay_system(machine, user, spec, image)
        return image.key


def destroy(name: str) -> None:
    """Delete a machine with its disks and keys; one that is gone already is fine. Raises Refused when not ours."""
    machine = directory(name)
    with hold(name, "destroy"):
        machine.refuse_foreign()
        if machine.exists:
            stop_held(machine, seconds=0)
        machine.remove()


def _fill(machine: Directory, spec: Machine, user: Account, image: Image | None) -> None:
    machine.make()
    give(machine, user)
    keys.make(machine)
    if image:
        disks.lay_system(machine, user, spec, image)
    disks.make_kept(machine, user, spec)
    disks.grow(machine, user, spec)
    keys.write_client_files(machine, spec)
    machine.write_json("spec.json", spec.to_data())


def _with_port(spec: Machine, there: Machine | None) -> Machine:
    if spec.ssh_port or there:
        return settled(spec, there) if there else spec
    return replace(spec, ssh_port=room.free_port(_ports_of_machines(spec)))


def _ports_of_machines(spec: Machine) -> set[int]:
    ports = {forward.host_port for forward in spec.forwards}
    for machine in all_directories():
        try:
            other = machine.spec
        except (RockpoolError, InputError):
            continue
        ports |= {other.ssh_port, *(forward.host_port for forward in other.forwards)} if other else set()
    return ports


def _keep_running(machine: Directory, spec: Machine, there: Machine | None) -> None:
    """Leave a machine that runs as it is; only what we need to reach it is completed."""
    if there is None or settled(spec, there) != there:
        raise Refused(
            f"cannot change machine {spec.name!r} now",
            why="it is running, and this change needs it stopped",
            fix=f"invoke vm.stop --name {spec.name}, then again",
        )
    keys.write_client_files(machine, there)


def _refuse_full(machine: Directory, spec: Machine) -> None:
    verdict, told = room.disk(machine, spec)
    if verdict == "refuse":
        raise HostNotReady(
            f"cannot make machine {spec.name!r}", why=told, fix="free disk space, or ask for smaller disks"
        )
