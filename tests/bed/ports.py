"""Ports of the test bed."""

DOORS = {"app": 18080, "ide": 18081, "preview": 18082}
"""Where the host has the doors of the machine that is deployed once; restored ones get free ports."""

SPARE_PORT = 8765
"""A port that restored machines forward too, though nothing of ours listens there."""
