"""One deploy at a time."""

from pyinfra.api.deploy import deploy
from pyinfra.context import host

from rockpool.operations import alone


@deploy("Lock")
def lock() -> None:
    """Called for every host before anything else, so that a second deploy changes nothing."""
    alone.deploy(name="No other deploy is running", machine=host.data.machine["name"])
