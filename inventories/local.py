"""Linux with QEMU: this machine and the root VM that it carries."""

hypervisors = (["@local"], {"runtime": "qemu"})
root_vms = ["@qemu/root"]
