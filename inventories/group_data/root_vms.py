"""What the root VM carries."""

workspaces = [{"name": "demo"}]

workspace_uid = 900
workspace_subids = (100000, 65536)  # the first and how many

host_networks: dict[str, str] = {}  # where the machine below us is to be reached, and the name server there

door_address = "0.0.0.0"  # noqa: S104  # inside the root VM: its hypervisor forwards from the loopback of this host

disks = {"state": "state", "workspaces": "workspaces"}  # serials; None for a machine that has only its root disk
