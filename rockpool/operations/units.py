"""systemd units that run what is on the disk now."""

from __future__ import annotations

from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.facts.script import Commands, argv, script
from rockpool.facts.units import Unit, UnitState

_KEPT = ("enabled", "static", "generated", "alias", "indirect", "transient")
_DROPPED = ("disabled", "static", "generated", "indirect", "transient", "")
_UP = ("active", "reloading", "refreshing")


@operation()
def running(
    unit: str, *, enabled: bool = True, inputs: tuple[str, ...] = (), reload: bool = False, wait: bool = True
) -> Commands:
    """A system unit that runs, and starts at boot.

    + unit: its full name, as in `ssh.service`
    + enabled: False means that it does not start at boot by itself
    + inputs: files that it read when it started; it is restarted when one of them, or its own unit file or drop-in,
      has changed since. Live times are compared, so a deploy that was killed in between heals
    + reload: an input that has changed needs a reload only
    + wait: False means that it is only asked to start, and a later operation on the same unit waits for it

    A masked unit is unmasked. A oneshot that does not remain counts as running once it has succeeded.
    """
    current = host.get_fact(Unit, unit=unit, inputs=inputs, user="")
    acts = wanted_acts(current, unit=unit, enabled=enabled, inputs=inputs, reload=reload)
    for verb, *words in acts:
        unwaited = verb in ("start", "restart") and not wait
        yield argv("systemctl", verb, *(["--no-block"] if unwaited else []), *words)
    if not acts:
        host.noop(f"{unit} runs what is on the disk")


@operation()
def user_running(
    user: str, unit: str, *, enabled: bool = True, inputs: tuple[str, ...] = (), reload: bool = False
) -> Commands:
    """The same for a unit in the manager of `user`, who lingers (`accounts.system_user(linger=True)`)."""
    current = host.get_fact(Unit, unit=unit, inputs=inputs, user=user)
    acts = wanted_acts(current, unit=unit, enabled=enabled, inputs=inputs, reload=reload)
    for act in acts:
        yield script("user_systemctl", user, *act)
    if not acts:
        host.noop(f"{unit} of {user} runs what is on the disk")


@operation()
def stopped(unit: str) -> Commands:
    """A system unit that neither runs nor starts at boot."""
    current = host.get_fact(Unit, unit=unit, inputs=(), user="") or UnitState()
    if current.active in (*_UP, "activating") or current.enabled not in (*_DROPPED, "masked"):
        yield argv("systemctl", "disable", "--now", unit)
    else:
        host.noop(f"{unit} is stopped")


def wanted_acts(
    current: UnitState | None, *, unit: str, enabled: bool, inputs: tuple[str, ...], reload: bool
) -> list[tuple[str, ...]]:
    """Return the arguments of each systemctl call that is needed, in order; none when all is as wanted."""
    state = current or UnitState()
    acts: list[tuple[str, ...]] = []
    masked = state.enabled.startswith("masked") or state.load == "masked"
    if masked:
        acts.append(("unmask", *(["--runtime"] if state.enabled == "masked-runtime" else []), unit))
    if _is_lost(state):
        acts += [("stop", unit), ("daemon-reload",)]
    enabling = _enabling(state, enabled=enabled, masked=masked)
    if state.needs_reload and not enabling and not _is_lost(state):  # enable and disable reload the manager themselves
        acts.append(("daemon-reload",))
    if enabling:
        acts.append((enabling, unit))
    return acts + _starts(state, unit, inputs, reload=reload or unit.endswith(".mount"))


def _enabling(state: UnitState, *, enabled: bool, masked: bool) -> str:
    if enabled and (masked or state.enabled not in _KEPT):
        return "enable"
    if not enabled and not masked and state.enabled not in _DROPPED:
        return "disable"
    return ""


def _starts(state: UnitState, unit: str, inputs: tuple[str, ...], *, reload: bool) -> list[tuple[str, ...]]:
    if state.active == "failed":
        return [("reset-failed", unit), ("start", unit)]  # or its start limit would refuse
    if not _runs(state) or _is_lost(state):
        return [("start", unit)]
    # A drop-in that the manager has not read is no file of the unit's yet, and the unit runs without it.
    if reload and not unit.endswith(".mount") and (state.needs_reload or _newest(state, state.own) > state.started):
        return [("restart", unit)]
    newest = float("inf") if state.needs_reload else _newest(state, [*inputs, *state.own])
    if reload and newest > max(state.started, state.changed):
        return [("reload", unit)]
    if not reload and newest > state.started:
        return [("restart", unit)]
    return []


def _runs(state: UnitState) -> bool:
    done = state.type == "oneshot" and not state.remains and state.result == "success" and state.started > 0
    return state.active in _UP or (done and state.active == "inactive")


def _is_lost(state: UnitState) -> bool:
    """Whether it runs without the file that it was started from: systemd takes no new one in until it is stopped."""
    return state.active in _UP and state.load in ("not-found", "error", "bad-setting")


def _newest(state: UnitState, paths: list[str]) -> float:
    return max((state.files.get(path, 0) for path in paths), default=0)
