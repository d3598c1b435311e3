"""The queue of the running root VM."""

from typing import Any

import pytest

from .sandbox import exposure, probe

pytestmark = pytest.mark.vm

QUEUE = "http://127.0.0.1:9324/000000000000"
PROBE = """
said() { if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi; }
echo "own_state $(said ls /var/lib/rockpool/elasticmq/messages.mv.db)"
echo "itself $(said curl -sf --max-time 10 --noproxy '*' http://127.0.0.1:9324/health)"
echo "podman $(said curl -sf --max-time 3 --unix-socket /run/rockpool/podman/podman.sock http://d/_ping)"
echo "routes $(said ls /run/rockpool/routes)"
echo "caddy_admin $(said curl -sf --max-time 3 --unix-socket /run/caddy/admin.sock http://d/config/)"
echo "caddy_config $(said ls /etc/caddy)"
echo "caddy_state $(said ls /var/lib/rockpool/caddy)"
echo "homes $(said ls /var/lib/rockpool-ws/homes)"
echo "shadow $(said cat /etc/shadow)"
echo "writes $(said touch /etc/x /usr/x /run/x)"
"""


def call(host: Any, queue: str, action: str, *arguments: str) -> str:
    words = "".join(f" -d {argument}" for argument in arguments)
    told: str = host.check_output(f"curl -fsS --noproxy '*' --max-time 30 {QUEUE}/{queue} -d Action={action}{words}")
    return told


def test_it_runs_and_starts_at_boot(host: Any) -> None:
    assert host.service("elasticmq.service").is_running
    assert host.service("elasticmq.service").is_enabled


def test_it_gives_back_what_it_takes(host: Any) -> None:
    assert host.run("/usr/lib/rockpool/queue-check 9324").succeeded
    assert host.run("/usr/lib/rockpool/queue-check 9323").failed  # the check can fail


def test_it_listens_on_loopback_alone(host: Any) -> None:
    rows = [row for row in host.check_output("ss -Hltnp").splitlines() if '"java"' in row]
    assert [row.split()[3] for row in rows] == ["127.0.0.1:9324"]


def test_its_queues_are_there(host: Any) -> None:
    told = host.check_output("curl -fsS --noproxy '*' --max-time 30 'http://127.0.0.1:9324/?Action=ListQueues'")
    assert {"workspaces", "workspaces-dead", "health"} <= {
        part.partition("<")[0].rpartition("/")[2] for part in told.split("<QueueUrl>")[1:]
    }
    policy = call(host, "workspaces", "GetQueueAttributes", "AttributeName.1=RedrivePolicy")
    assert "workspaces-dead" in policy
    assert "maxReceiveCount" in policy


def test_its_files_are_closed(host: Any) -> None:
    state = host.file("/var/lib/rockpool/elasticmq")
    assert (state.user, state.mode) == ("elasticmq", 0o700)
    assert "WRITE_DELAY=0" in host.file("/etc/rockpool/queue.conf").content_string


def test_it_is_hardened(host: Any) -> None:
    assert exposure(host, "elasticmq.service") <= 1.2


def test_it_reaches_itself_and_nothing_else(host: Any) -> None:
    assert host.file("/run/rockpool/podman/podman.sock").exists
    assert host.file("/run/caddy/admin.sock").exists
    told = probe(host, "elasticmq.service", PROBE)
    assert told.pop("own_state") == told.pop("itself") == "yes"
    assert set(told.values()) == {"no"}, told
