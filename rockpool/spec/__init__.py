"""What is wanted: a machine that boots, a workspace. Values are checked once, here, all faults at once."""

from rockpool.spec.machine import Forward, Machine
from rockpool.spec.units import GIB, MIB, format_size, parse_size, round_size
from rockpool.spec.workspace import Port, Workspace

__all__ = ["GIB", "MIB", "Forward", "Machine", "Port", "Workspace", "format_size", "parse_size", "round_size"]
