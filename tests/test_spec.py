"""Specs: read once, every fault at once, and back again."""

import pytest

from rockpool.errors import InputError
from rockpool.spec import GIB, MIB, Forward, Machine, Port, Workspace, format_size, parse_size


@pytest.mark.parametrize(("text", "size"), [("512m", 512 * MIB), ("8g", 8 * GIB), ("1t", 1024 * GIB)])
def test_a_size_reads_and_writes_the_same(text: str, size: int) -> None:
    assert parse_size(text) == size
    assert format_size(size) == text


@pytest.mark.parametrize("text", ["", "8", "0g", "-1g", "8G", "8gb", "1.5g", " 8g", "8g\n"])
def test_a_size_needs_a_whole_number_and_a_unit(text: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        parse_size(text)


def test_a_size_of_odd_bytes_has_no_text() -> None:
    with pytest.raises(ValueError, match="MiB"):
        format_size(MIB + 1)


def test_a_machine_survives_the_way_through_plain_data() -> None:
    machine = Machine(name="lab", memory=2 * GIB, forwards=(Forward(host_port=18080, guest_port=8080),))
    assert Machine.parse(machine.to_data()) == machine


def test_a_machine_tells_all_its_faults_at_once() -> None:
    with pytest.raises(InputError) as caught:
        Machine.parse(
            {
                "name": "-x",
                "cpus": 0,
                "memory": "lots",
                "system": 7,
                "colour": "red",
                "ssh_port": True,
                "image": None,
                "forwards": [
                    {"host_port": 99999, "guest_port": 80, "host_address": "0.0.0.0"},
                    {"host_port": 8080, "guest_port": 8080},
                    {"host_port": 8080, "guest_port": "x", "protocol": "udp"},
                ],
            }
        )
    assert [fault.field for fault in caught.value.faults] == [
        "colour",
        "cpus",
        "forwards",
        "forwards[0].host_address",
        "forwards[0].host_port",
        "forwards[2].guest_port",
        "forwards[2].protocol",
        "image",
        "memory",
        "name",
        "ssh_port",
        "system",
    ]


def test_forwards_must_be_a_list_of_mappings() -> None:
    with pytest.raises(InputError, match="list of mappings"):
        Machine.parse({"name": "lab", "forwards": "8080:8080"})


def test_a_size_out_of_range_says_the_range() -> None:
    with pytest.raises(InputError, match="from 512m to 1t, not 8m"):
        Machine.parse({"name": "lab", "memory": "8m"})


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "%2e%2e",
        "A",
        "-x",
        "x-",
        "ab",
        "a" * 64,
        "a--b",
        "демо",
        "demo\n",
        "port",
        "api",
        "1demo",
        "a_b",
        "a b",
    ],
)
def test_a_bad_workspace_name_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        Workspace.parse({"name": name})
    assert [fault.field for fault in caught.value.faults] == ["name"]


@pytest.mark.parametrize("name", ["abc", "a" * 63, "my-app-2"])
def test_a_good_workspace_name_is_taken(name: str) -> None:
    assert Workspace.parse({"name": name}).name == name


def test_a_workspace_tells_all_its_faults_at_once() -> None:
    with pytest.raises(InputError) as caught:
        Workspace.parse({"name": "demo", "port": 80, "memory": "0", "sudo": "yes", "image": "'; id #", "pids": 1})
    assert [fault.field for fault in caught.value.faults] == ["image", "memory", "pids", "port", "sudo"]


WORKSPACE = {
    "name": "demo",
    "env": {"B": "2", "A": "1"},
    "repository": "https://git.example/team/tool.git",
    "branch": "feature/x",
    "ports": [{"port": 5173, "label": "web"}, {"port": 3000}],
    "idle_timeout": "90m",
    "disk": "2g",
    "home": "copy/alpha",
}


def test_a_workspace_survives_the_way_through_plain_data() -> None:
    spec = Workspace.parse(WORKSPACE)
    assert (spec.idle_timeout, spec.disk, spec.env) == (5400, 2 * GIB, (("A", "1"), ("B", "2")))
    assert spec.ports == (Port(port=3000), Port(port=5173, label="web"))
    assert Workspace.parse(spec.to_data()) == spec


def test_a_workspace_never_prints_its_environment() -> None:
    assert "hunter2" not in repr(Workspace.parse({"name": "demo", "env": {"TOKEN": "hunter2"}}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", name) for name in ("..", "%2e%2e", "A", "-x", "ab", "a" * 64, "dämon", "api", "a--b", "demo\n")),
        *(("port", port) for port in (80, 70000, True, "8080")),
        *(("memory", size) for size in ("0", "0m", 0, "1m", "'; id #")),
        *(("image", image) for image in ("-x", "'; id #", "--upload-pack=x", "A", "")),
        *(("ports", [{"port": port}]) for port in (80, 70000, None, 8080)),
        ("ports", [{"port": 3000}, {"port": 3000}]),
        ("ports", [{"port": port} for port in range(3000, 3006)]),
        ("ports", [{"port": 3000, "label": "a\nb"}]),
        ("env", {"1A": "x"}),
        ("env", {"A": "x\ny"}),
        ("env", {"PORT": "1"}),
        ("env", {"A": 1}),
        *(
            ("repository", url)
            for url in (
                "--upload-pack=x",
                "'; id #",
                "file:///etc",
                "ext::sh -c id",
                "https://me:secret@git.example/x",
                "https://token@git.example/x",
                "-x@y:z",
                "https://git.example/a b",
            )
        ),
        ("branch", "main"),
        ("idle_timeout", "1s"),
        ("idle_timeout", "forever"),
        ("home", "copy/.."),
        ("home", "kept/demo"),
        ("runtime", "docker"),
    ],
)
def test_a_workspace_refuses(field: str, value: object) -> None:
    with pytest.raises(InputError) as caught:
        Workspace.parse({"name": "demo", field: value})
    assert {fault.field.split("[")[0].split(".")[0] for fault in caught.value.faults} == {field}


@pytest.mark.parametrize("branch", ["-x", "--upload-pack=x", "a..b", "a b", "x.lock", "/x", "x/", "a//b", "@{1}"])
def test_a_branch_is_a_name_of_git(branch: str) -> None:
    with pytest.raises(InputError):
        Workspace.parse({**WORKSPACE, "branch": branch})


@pytest.mark.parametrize(
    "url", ["git@git.example:team/tool.git", "ssh://git@git.example:2222/x", "http://[2001:db8::1]:80/x"]
)
def test_a_repository_may_be(url: str) -> None:
    assert Workspace.parse({"name": "demo", "repository": url}).repository == url
