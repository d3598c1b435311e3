"""Each kind of error has an exit code of its own and tells what, why and how to mend it."""

from rockpool import errors
from rockpool.errors import Fault, InputError, RockpoolError


def _kinds(kind: type[RockpoolError]) -> list[type[RockpoolError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _kinds(child))]


def test_every_kind_has_its_own_exit_code_and_the_module_lists_it() -> None:
    kinds = [kind for kind in _kinds(RockpoolError) if kind.__module__ == errors.__name__]
    codes = [kind.exit_code for kind in kinds]
    assert len(set(codes)) == len(codes)
    for kind in kinds:
        row = next(line for line in (errors.__doc__ or "").splitlines() if f"{kind.__name__} " in line)
        assert str(kind.exit_code) in row.split()


def test_an_error_tells_what_why_and_the_fix() -> None:
    assert str(RockpoolError("cannot start", why="port 8080 is taken", fix="free it")).splitlines() == [
        "cannot start",
        "  why: port 8080 is taken",
        "  fix: free it",
    ]


def test_an_input_error_lists_every_fault() -> None:
    error = InputError("machine 'x'", [Fault(field="cpus", message="is 0"), Fault(field="name", message="is short")])
    assert "`cpus` is 0; `name` is short" in str(error)
