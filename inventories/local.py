"""Linux with QEMU: this machine and the root VM that it carries."""

hypervisors = (["@local"], {"runtime": "qemu"})
root_vms = [
    (
        "@qemu/root",
        {
            "disks": {"state": "state", "workspaces": "workspaces"},
            # Behind these, QEMU's user network has this machine's loopback; each with its name server.
            "host_networks": {"10.0.2.0/24": "10.0.2.3", "fec0::/64": "fec0::3"},
        },
    )
]
