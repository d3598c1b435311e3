"""`@qemu/NAME`."""

from pyinfra.connectors.ssh import SSHConnector


class QemuConnector(SSHConnector):
    """Placeholder until the connector lands."""
