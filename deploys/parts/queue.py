"""The queue: ElasticMQ on loopback, durable, ready when it has given a message back. Who needs it waits for it."""

from pyinfra.api.deploy import deploy

from rockpool.operations import files, units

STATE = "/var/lib/rockpool/elasticmq"
PORT = 9324
UNIT = "elasticmq.service"
QUEUES = ("workspaces", "workspaces-dead", "health")


@deploy("Queue")
def queue() -> None:
    """ElasticMQ as a service of its own user."""
    files.directory(name="Rockpool's configuration", path="/etc/rockpool")
    files.directory(name="Rockpool's programs", path="/usr/lib/rockpool")
    files.config(
        name="Queues",
        dest="/etc/rockpool/queue.conf",
        content=files.template("queue/queue.conf", port=PORT, state=STATE),
    )
    for program in ("queue-check", "queue-run"):
        files.config(
            name=f"Program {program}",
            dest=f"/usr/lib/rockpool/{program}",
            content=files.template(f"queue/{program}"),
            mode="755",
        )
    files.config(
        name="ElasticMQ's unit",
        dest="/etc/systemd/system/elasticmq.service",
        content=files.template("queue/elasticmq.service", port=PORT, state=STATE, queues=QUEUES),
    )
    units.running(
        name="ElasticMQ starts",
        unit=UNIT,
        inputs=(
            "/etc/rockpool/queue.conf",
            "/usr/lib/rockpool/queue-check",
            "/usr/lib/rockpool/queue-run",
            "/var/lib/dpkg/info/rockpool-elasticmq.list",
        ),
        wait=False,  # Java takes a while, and nobody asks it before the control plane does
    )
