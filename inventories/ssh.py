"""Any reachable Debian 13, on a NAS, in a cloud, under Proxmox: name it in ROCKPOOL_HOST.

    ROCKPOOL_HOST=root@nas.example pyinfra inventories/ssh.py deploys/root_vm.py

Address, port, key and host key come from your own ssh configuration; its host key has to be known there already.
"""

import os
import sys

_user, _, _host = os.environ.get("ROCKPOOL_HOST", "").rpartition("@")
if not _host:
    sys.exit("which host is the root VM? ROCKPOOL_HOST=root@nas.example pyinfra inventories/ssh.py …")

# It carries nothing here: it makes our packages and the password of the door.
hypervisors = (["@local"], {"runtime": "ssh"})
_data = {"ssh_user": _user or "root", "ssh_strict_host_key_checking": "yes", "disks": None, "door_address": "127.0.0.1"}
root_vms = [(f"@remote/{_host}", _data)]
