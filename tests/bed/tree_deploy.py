"""A deploy of operations that need only files and accounts: those that the file `operations` of the host lists."""

import json
from pathlib import Path

from pyinfra.context import host

from rockpool.operations import accounts, files

MODULES = {"accounts": accounts, "files": files}

for row in json.loads(Path(host.data.operations).read_text()):
    module, _, function = row["kind"].partition(".")
    getattr(MODULES[module], function)(name=row["name"], **row["arguments"])
