from pathlib import Path

import pytest
from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.facts import FactBase
from pyinfra.api.state import StateStage
from pyinfra.facts.server import LinuxDistribution, Os

from rockpool.connectors.lazy import Presence
from rockpool.errors import Damaged


class Content(FactBase[str]):
    """Reads a file, so that a stale answer shows."""

    default = str

    def command(self, path: str) -> str:
        return f"cat {path}"

    def process(self, output: list[str]) -> str:
        return "\n".join(output)


def executing(host):
    host.connect()
    host.state.activate_host(host)
    host.state.set_stage(StateStage.Execute)
    return host


def test_connecting_reaches_nothing(world):
    host = world.host()
    host.connect()
    assert host.connected
    assert world.connections == 0


def test_planning_for_an_absent_machine_answers_nothing_and_knows_the_system(world):
    world.presence = Presence.ABSENT
    host = world.host(plan=True)
    host.connect()
    host.state.set_stage(StateStage.Prepare)
    assert host.get_fact(Content, path="/etc/hostname") == ""
    assert host.get_fact(Os) == "Linux"
    distribution = host.get_fact(LinuxDistribution)
    assert (distribution["name"], distribution["major"]) == ("Debian", 13)
    assert world.connections == 0
    host.disconnect()
    assert not list(world.home.rglob("*.json"))


def test_a_stopped_machine_is_refused_with_the_fix_when_only_a_plan_is_wanted(world):
    world.presence = Presence.STOPPED
    with pytest.raises(ConnectError, match=r"machine root is stopped(.|\n)*fix: start it"):
        world.host(plan=True).connect(raise_exceptions=True)


def test_a_stopped_machine_may_be_deployed_to_because_the_deploy_starts_it(world):
    world.presence = Presence.STOPPED
    world.host(plan=False).connect(raise_exceptions=True)


@pytest.mark.parametrize("presence", [Presence.ABSENT, Presence.STOPPED])
def test_executing_without_the_machine_is_a_failure(world, presence):
    world.presence = presence
    host = executing(world.host())
    done, output = host.run_shell_command(StringCommand("true"))
    assert not done
    assert "machine root" in output.stderr
    assert "fix:" in output.stderr
    assert host.put_file("/dev/null", "/nowhere") is False


def test_a_machine_made_moments_ago_is_reached(world):
    world.presence = Presence.ABSENT
    host = executing(world.host())
    assert not host.run_shell_command(StringCommand("true"))[0]
    world.presence = Presence.RUNNING
    assert host.run_shell_command(StringCommand("true"))[0]


def test_facts_of_the_last_run_are_asked_in_one_round_trip(world, tmp_path: Path):
    files = [tmp_path / name for name in "abc"]
    for file in files:
        file.write_text(f"first {file.name}")
    for expected in (3, 1):
        host = executing(world.host())
        assert [host.get_fact(Content, path=str(file)) for file in files] == ["first a", "first b", "first c"]
        assert host.connector.traffic.round_trips == expected
        host.disconnect()


def test_answers_end_with_the_first_change(world, tmp_path: Path):
    file = tmp_path / "a"
    file.write_text("before")
    for _ in range(2):
        file.write_text("before")
        host = executing(world.host())
        assert host.get_fact(Content, path=str(file)) == "before"
        host.run_shell_command(StringCommand("printf", "after", ">", str(file)))
        assert host.get_fact(Content, path=str(file)) == "after"
        host.disconnect()


def test_answers_of_a_plan_are_asked_again_for_its_execution(world, tmp_path: Path):
    file = tmp_path / "a"
    file.write_text("planned")
    host = executing(world.host())
    host.get_fact(Content, path=str(file))
    host.disconnect()
    host = world.host(plan=True)
    host.connect()
    host.state.activate_host(host)
    host.state.set_stage(StateStage.Prepare)
    assert host.get_fact(Content, path=str(file)) == "planned"
    file.write_text("changed while a person thought")
    host.state.set_stage(StateStage.Execute)
    assert host.get_fact(Content, path=str(file)) == "changed while a person thought"


def test_a_fact_that_failed_in_the_prefetch_is_asked_again(world, tmp_path: Path):
    file = tmp_path / "late"
    file.write_text("there")
    host = executing(world.host())
    host.get_fact(Content, path=str(file))
    host.disconnect()
    file.unlink()
    host = executing(world.host())
    host.get_fact(Content, path=str(tmp_path / "other"), _ignore_errors=True)
    file.write_text("now")
    assert host.get_fact(Content, path=str(file)) == "now"


def test_secrets_are_neither_remembered_nor_answered_from_memory(world, tmp_path: Path):
    host = executing(world.host())
    host.get_fact(Content, path="/dev/null", _env={"TOKEN": "plain"})
    host.connector._asking = 1
    host.run_shell_command(StringCommand("cat"), _stdin="very-secret")
    host.connector._asking = 0
    host.disconnect()
    assert "very-secret" not in (tmp_path / "hosts/qemu-root/asked.example.json").read_text()


def test_a_failed_run_does_not_shorten_what_is_remembered(world, tmp_path: Path):
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    host = executing(world.host())
    for name in "ab":
        host.get_fact(Content, path=str(tmp_path / name))
    host.disconnect()
    host = executing(world.host())
    host.get_fact(Content, path=str(tmp_path / "a"))
    host.state.failed_hosts.add(host)
    host.disconnect()
    assert len(host.connector.memory.remembered()) == 2


def test_waiting_for_a_boot_ends_when_it_answers(world):
    host = executing(world.host())
    assert host.connector.await_boot(5) == ""


def test_waiting_for_a_boot_ends_at_its_deadline_with_the_reason(world):
    world.answers = False
    host = executing(world.host())
    assert "connection refused" in host.connector.await_boot(0)


def test_waiting_for_a_boot_ends_at_once_when_the_machine_stops(world):
    world.presence = Presence.STOPPED
    host = executing(world.host())
    assert "is stopped" in host.connector.await_boot(3600)


def test_waiting_for_a_boot_ends_at_once_when_we_have_lost_the_way_in(world):
    world.fault = Damaged("machine 'root' is half made", why="it lacks id_ed25519", fix="complete it")
    host = executing(world.host())
    assert "it lacks id_ed25519" in host.connector.await_boot(3600)
