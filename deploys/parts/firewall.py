"""The firewall: what comes in, and where workspaces may go."""

from pyinfra.api.deploy import deploy
from pyinfra.context import host

from rockpool.execute.settings import PORTS
from rockpool.facts.ssh import SshPorts
from rockpool.operations import files, nftables, packages, units

RULES = "/etc/rockpool/firewall.nft"
UNIT = "rockpool-firewall.service"


@deploy("Firewall")
def firewall() -> None:
    """One nftables table, loaded before networking; no workspace starts without it."""
    uid = host.data.workspace_uid
    packages.present(name="nftables", names=["nftables"])
    files.directory(name="Directory of the rules", path="/etc/rockpool")
    nftables.ruleset(
        name="Rules",
        dest=RULES,
        table="rockpool",
        content=_rules,
    )
    files.config(
        name="Unit that loads the rules",
        dest=f"/etc/systemd/system/{UNIT}",
        content=files.template("nftables/rockpool-firewall.service", rules=RULES),
    )
    files.directory(name="Directory of the workspaces' condition", path=f"/etc/systemd/system/user@{uid}.service.d")
    files.config(
        name="Workspaces need the rules",
        dest=f"/etc/systemd/system/user@{uid}.service.d/firewall.conf",
        content=files.template("nftables/workspaces.conf"),
    )
    units.running(name="Rules are loaded at boot", unit=UNIT, inputs=(RULES,), reload=True)


def _rules() -> str:
    """Return the rules for a machine as it is by then: somebody else's may have its sshd elsewhere."""
    subids = host.data.workspace_subids
    return files.template(
        "nftables/rockpool.nft",
        ports=[*(host.get_fact(SshPorts) or [22]), *PORTS.values()],
        workspace_uid=host.data.workspace_uid,
        workspace_subids=f"{subids[0]}-{subids[0] + subids[1] - 1}",
        host_networks=host.data.host_networks,
    )
