"""Any reachable Debian 13, on a NAS, in a cloud, under Proxmox: name it in ROCKPOOL_HOST.

    ROCKPOOL_HOST=root@nas.example pyinfra inventories/ssh.py deploys/root_vm.py

Address, key and host key come from your own ssh configuration; its host key has to be known there already.
"""

import os

_user, _, _host = os.environ.get("ROCKPOOL_HOST", "").rpartition("@")
_data = {"ssh_user": _user or "root", "ssh_strict_host_key_checking": "yes", "disks": None, "door_address": "127.0.0.1"}
root_vms = [(f"@remote/{_host}", _data)] if _host else []
