import json

import pytest

from rockpool.errors import Damaged
from rockpool.execute.pyinfra_words import Begins, Change, Ends, Says, drift, read, totals


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("--> Starting operation: Base | Time \n", Begins(name="Base: Time")),
        ("--> Starting nested operation: wait\n", Begins(name="wait")),
        ("    [@local]     No changes\n", Ends(host="@local", changed=False)),
        ("    [\x1b[1m@qemu/root\x1b[0m] \x1b[32mSuccess\x1b[0m\n", Ends(host="@qemu/root", changed=True)),
        ("    [@local] building the kernel\n", Says(host="@local", text="building the kernel")),
        ("    [@local]     Skipped\n", None),
        ("    [@local] Ready: deploys/root_vm.py\n", None),
        ("  fix: invoke vm.start\n", Says(host="", text="  fix: invoke vm.start")),
        ("\n", None),
        ("--> Connecting to hosts...\n", None),
    ],
)
def test_a_line_of_pyinfra_is_understood(line, event):
    assert read(line) == event


def test_drift_is_what_would_change_for_certain():
    rows = [
        {"names": ["Base | Time"], "hosts_with_change": ["@qemu/root"], "hosts_with_conditional_change": []},
        {"names": ["Base | ssh"], "hosts_with_change": [], "hosts_with_conditional_change": ["@qemu/root"]},
    ]
    assert drift(json.dumps({"plan": rows})) == (Change(name="Base: Time", hosts=("@qemu/root",)),)


@pytest.mark.parametrize("stdout", ["", "[]", '{"plan": [{}]}'])
def test_what_is_no_plan_is_damaged(stdout):
    with pytest.raises(Damaged):
        drift(stdout)
    with pytest.raises(Damaged):
        totals(stdout)
