"""How long a deploy takes that changes nothing, and how often it speaks to its target: ours against stock pyinfra.

    python tests/machines/bench_deploy.py [ROUNDS]                     into the running root VM
    python tests/machines/bench_deploy.py [ROUNDS] HOST PORT KEY KNOWN_HOSTS     into any sshd, such as a native one

Both run the same operations, those of deploys/root_vm.py that work inside the machine. Rounds are interleaved, medians
printed. Run the deploy once before: the first line of each round has to say 0 changed.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from runpy import run_path

from rockpool.execute import machine
from rockpool.execute.deploy import ROOT
from rockpool.execute.home import home


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    host, port, key, known_hosts = sys.argv[2:6] if len(sys.argv) > 5 else _root_vm()
    ssh = {
        "ssh_hostname": host, "ssh_port": int(port), "ssh_user": "root", "ssh_key": key,
        "ssh_known_hosts_file": known_hosts, "ssh_strict_host_key_checking": "yes", "ssh_config_file": os.devnull,
    }  # fmt: skip
    taken: dict[str, list[float]] = {"@remote/bench": [], "@ssh/bench": []}
    with tempfile.TemporaryDirectory() as directory:
        for name in taken:
            _inventory(Path(directory), name, ssh)
        _run(Path(directory), "@remote/bench")  # learns what is asked
        for _ in range(rounds):
            for name, seconds in taken.items():
                seconds.append(_run(Path(directory), name))
        spoken = _pyinfra(Path(directory), "@ssh/bench", "--debug").stderr.count("Running command on @ssh/bench")
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    ours, stock = medians.values()
    print(f"stock pyinfra spoke {spoken} times with its target")
    print(f"ours {ours:.2f} s, stock {stock:.2f} s, ratio {ours / stock:.2f} ({rounds} rounds)")


def _root_vm() -> tuple[str, str, str, str]:
    address = machine.ssh_address(os.environ.get("ROCKPOOL_MACHINE", "root"))
    return address.host, str(address.port), str(address.key), str(address.known_hosts)


def _inventory(directory: Path, name: str, ssh: dict[str, object]) -> None:
    local = run_path(str(ROOT / "inventories/local.py"))
    ((_, data),) = local["root_vms"]
    text = f"root_vms = [({name!r}, { ({**data, **ssh})!r})]\n"
    (directory / f"{name.strip('@').replace('/', '-')}.py").write_text(text)
    group_data = directory / "group_data"
    if not group_data.exists():
        group_data.symlink_to(ROOT / "inventories/group_data")


def _pyinfra(directory: Path, name: str, *options: str) -> subprocess.CompletedProcess[str]:
    file = directory / f"{name.strip('@').replace('/', '-')}.py"
    argv = (sys.executable, "-m", "pyinfra", "-y", "--json", *options, str(file), "deploys/root_vm.py")
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stderr[-2000:]}")
    return done


def _run(directory: Path, name: str) -> float:
    begin = time.monotonic()
    done = _pyinfra(directory, name)
    seconds = time.monotonic() - begin
    totals = json.loads(done.stdout)["results"]["totals"]
    print(f"{name}: {seconds:.2f} s, {totals['success']} changed of {totals['hosts']}; {_spoken(name)}")
    return seconds


def _spoken(name: str) -> str:
    path = home() / "hosts" / name.lstrip("@").replace("/", "-") / "traffic.json"
    return path.read_text().strip() if path.exists() else "not counted"


if __name__ == "__main__":
    main()
