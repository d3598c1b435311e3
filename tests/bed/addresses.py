"""The addresses of the closed network: one or more for every rule of the firewall, and some that are allowed."""

from __future__ import annotations

PUBLIC4 = "198.51.100.10"
PUBLIC6 = "2001:db8::10"
PUBLIC = (PUBLIC4, PUBLIC6)

REFUSED = {
    "this network": ("0.1.2.3",),
    "private 10": ("10.66.0.10",),
    "carrier-grade NAT": ("100.64.0.10",),
    "metadata of Azure": ("168.63.129.16",),
    "link-local and metadata": ("169.254.169.254",),
    "private 172.16": ("172.20.0.10",),
    "protocol assignments": ("192.0.0.192",),
    "private 192.168": ("192.168.77.10",),
    "multicast and reserved": ("240.0.0.10",),
    "not global IPv6": ("fd00:77::10", "fd00:ec2::254", "fec0:77::10", "64:ff9b::c633:640a"),
    "Teredo": ("2001:0:77::10",),
    "6to4": ("2002:c633:640a::10",),
}
"""What a workspace must not reach, by the comment of the one rule that refuses it."""

HOST6 = "fec0::2"
"""The loopback of QEMU's side, where its user network has the prefix that it has by itself; here somebody else."""

ALL = (*PUBLIC, *(address for addresses in REFUSED.values() for address in addresses))
"""Every address that answers a user of the machine who is no workspace."""
