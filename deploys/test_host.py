"""What the tests need of the machine that they run on: `pyinfra -y @local deploys/test_host.py`."""

from deploys.parts.hypervisor import qemu
from rockpool.operations import tools

qemu()
tools.present(
    name="Browser and network tools of the tests",
    tools={"chromium": "chromium", "ip": "iproute2", "unshare": "util-linux", "mkfs.ext4": "e2fsprogs"},
)
