"""How this installation of Rockpool is run by pyinfra on its own host."""

import sys

from rockpool.step import Argv

PROGRAM: Argv = (sys.executable, "-m", "rockpool.cli.main")
"""The `rockpool` program, whatever PATH says."""
