"""Read by pyinfra after the deploy itself: writes what each operation was called with, as JSON, a file a ring."""

import inspect
import json
import os
from pathlib import Path

from pyinfra.context import host, state

rows = []
for key, operation in state.ops[host].items():
    # pyinfra forgets the arguments of an operation that has a name; what it will call again still holds them.
    call = inspect.getclosurevars(operation.command_generator).nonlocals
    (name,) = state.op_meta[key].names
    kind = f"{call['func'].__module__.rpartition('.')[2]}.{call['func'].__name__}"
    rows.append({"name": name, "kind": kind, "arguments": call["kwargs"]})
(ring,) = {"hypervisors", "root_vms"}.intersection(host.groups)
(Path(os.environ["ROCKPOOL_LISTING"]) / ring).write_text(json.dumps(rows, default=str))
