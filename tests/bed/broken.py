"""For each check of `host.verify`: what breaks its thing, and what mends it again. Scripts that root runs inside."""

from __future__ import annotations

RELOAD = "nft --file /etc/rockpool/firewall.nft"
CADDY = ("systemctl stop caddy.socket caddy.service", "systemctl start caddy.socket caddy.service")
FAILED = ("systemd-run --quiet --wait --unit=broken false || true", "systemctl reset-failed broken")
_SCOPES = "/sys/fs/cgroup/user.slice/user-900.slice/user@900.service/user.slice/libpod-*.scope"
QUEUE_PORT = (
    "nft 'add table inet broken; add chain inet broken out { type filter hook output priority 0; }; "
    "add rule inet broken out tcp dport 9324 reject'",
    "nft delete table inet broken",
)


def moved(path: str, then: str = "true") -> tuple[str, str]:
    """Move a file away, and back unless it has been made anew meanwhile."""
    return f"mv {path} {path}.kept; {then}", f"[ -e {path} ] || mv {path}.kept {path}; rm -f {path}.kept; {then}"


def mode(path: str, wrong: str, right: str) -> tuple[str, str]:
    """Give a path another mode."""
    return f"chmod {wrong} {path}", f"chmod {right} {path}"


def opened(directory: str, socket: str) -> tuple[str, str]:
    """Let everybody reach a socket."""
    both = f"{directory} {directory}/{socket}"
    note = f"for path in {both}; do stat -c 'chmod %a %n' $path; done > /root/modes"
    return f"{note}; chmod 777 {both}", "sh /root/modes"


def bare(unit: str) -> tuple[str, str]:
    """Take its whole sandbox from a unit's file; nothing is restarted. The check itself has systemd read it."""
    file = f"/etc/systemd/system/{unit}"
    kept = "Description|ExecStart|Type|WantedBy"
    return (
        f"cp -a {file} /root/unit; sed -i -E '/^({kept})=/!{{/^[A-Z][A-Za-z]*=/d}}' {file}",
        f"mv /root/unit {file}; systemctl daemon-reload",
    )


def softened(unit: str) -> tuple[str, str]:
    """Loosen a unit by a drop-in."""
    place = f"/run/systemd/system/{unit}.d"
    text = "[Service]\\nNoNewPrivileges=no\\nPrivateDevices=no\\nProtectSystem=no\\nSystemCallFilter=\\n"
    make = f"mkdir -p {place}; printf '{text}' > {place}/broken.conf; systemctl daemon-reload"
    return make, f"rm -r {place}; systemctl daemon-reload"


def started_at_boot(unit: str) -> tuple[str, str]:
    """Disable a unit."""
    return f"systemctl disable {unit}", f"systemctl enable {unit}"


def ruled(change: str) -> tuple[str, str]:
    """Change the live rules."""
    return f"nft '{change}'", RELOAD


CHECKS: dict[str, tuple[str, str]] = {
    "test_base::test_every_package_is_installed_and_dpkg_is_whole": (
        "cp -a /var/lib/dpkg/status /root/status; "
        "sed -i '/^Package: catatonit$/,/^$/s/^Status: .*/Status: install ok half-installed/' /var/lib/dpkg/status",
        "mv /root/status /var/lib/dpkg/status",
    ),
    "test_base::test_files_of_our_packages_are_as_they_came": moved("/usr/bin/caddy"),
    "test_base::test_state_has_a_disk_of_its_own": mode("/var/lib/rockpool", "700", "755"),
    "test_base::test_workspaces_have_a_disk_with_quotas": (
        "mount -o remount,relatime /var/lib/rockpool-ws",
        "mount -o remount,noatime /var/lib/rockpool-ws",
    ),
    "test_base::test_file_systems_are_as_large_as_their_disks": (
        "mount -t tmpfs broken /var/lib/rockpool",
        "umount /var/lib/rockpool",
    ),
    "test_base::test_what_grows_them_is_hardened": softened("rockpool-grow.service"),
    "test_base::test_unit_runs_and_starts_at_boot": (
        "systemctl stop apt-daily.timer",
        "systemctl start apt-daily.timer",
    ),
    "test_base::test_nothing_has_failed": FAILED,
    "test_base::test_service_account_has_no_shell_and_no_password": (
        "usermod --shell /bin/sh rockpool-api",
        "usermod --shell /usr/sbin/nologin rockpool-api",
    ),
    "test_base::test_sshd_takes_keys_only": (
        "echo PasswordAuthentication yes > /etc/ssh/sshd_config.d/00-broken.conf",
        "rm /etc/ssh/sshd_config.d/00-broken.conf",
    ),
    "test_base::test_upgrades_are_for_security_and_never_reboot": (
        "mv /etc/apt/apt.conf.d/52rockpool /root/",
        "mv /root/52rockpool /etc/apt/apt.conf.d/",
    ),
    "test_base::test_many_workspaces_fit_in_the_limits_of_one_user": (
        "sysctl -qw fs.inotify.max_user_instances=128",
        "sysctl -qw fs.inotify.max_user_instances=8192",
    ),
    "test_base::test_the_journal_is_kept_and_bounded": moved("/etc/systemd/journald.conf.d/rockpool.conf"),
    "test_base::test_sockets_have_their_directory": mode("/run/rockpool", "711", "755"),
    "test_caddy::test_health_is_open": CADDY,
    "test_caddy::test_without_the_password_a_door_is_closed": CADDY,
    "test_caddy::test_a_wrong_port_redirects": CADDY,
    "test_caddy::test_unknown_paths_are_404_and_odd_ones_400": CADDY,
    "test_caddy::test_caddy_runs_and_starts_at_boot": started_at_boot("caddy.socket"),
    "test_caddy::test_what_runs_is_what_is_wanted": (
        "curl -fsS --unix-socket /run/caddy/admin.sock -H 'Content-Type: application/json' "
        "-d '\"7s\"' http://localhost/config/apps/http/grace_period",
        "caddy reload --force --config /etc/caddy/caddy.json --address unix//run/caddy/admin.sock",
    ),
    "test_caddy::test_its_files_are_closed": mode("/etc/caddy/caddy.json", "644", "640"),
    "test_caddy::test_it_is_hardened": softened("caddy.service"),
    "test_caddy::test_it_reaches_routes_and_nothing_else": bare("caddy.service"),
    "test_caddy::test_another_user_cannot_open_its_admin_socket": opened("/run/caddy", "admin.sock"),
    "test_control::test_it_runs_and_starts_at_boot": started_at_boot("rockpool-api.socket"),
    "test_control::test_the_api_answers_caddy": mode("/run/rockpool/api", "2700", "2750"),
    "test_control::test_nobody_else_reaches_the_api": opened("/run/rockpool/api", "api.sock"),
    "test_control::test_the_database_is_closed_to_others": mode("/var/lib/rockpool/control", "2777", "2770"),
    "test_control::test_a_service_runs_as_its_user": (
        "mkdir -p /run/systemd/system/rockpool-worker.service.d; "
        "printf '[Service]\\nUser=root\\n' "
        "> /run/systemd/system/rockpool-worker.service.d/broken.conf; "
        "systemctl daemon-reload; systemctl restart rockpool-worker.service",
        "rm -r /run/systemd/system/rockpool-worker.service.d; "
        "systemctl daemon-reload; systemctl restart rockpool-worker.service",
    ),
    "test_control::test_it_is_hardened": softened("rockpool-api.service"),
    "test_control::test_it_reaches_what_it_needs_and_nothing_else": bare("rockpool-api.service"),
    "test_control::test_the_report_of_the_host_is_for_reading": (
        "touch /etc/rockpool/report.json; chmod 666 /etc/rockpool/report.json",
        "chmod 644 /etc/rockpool/report.json",
    ),
    "test_firewall::test_live_rules_are_what_the_file_means": ruled("add rule inet rockpool input udp dport 9 accept"),
    "test_firewall::test_only_ssh_and_the_doors_come_in": ruled("add rule inet rockpool input tcp dport 9 accept"),
    "test_firewall::test_nothing_is_forwarded": ruled("chain inet rockpool forward { policy accept; }"),
    "test_firewall::test_every_id_of_the_workspaces_is_meant": ruled("add element inet rockpool workspaces { 12345 }"),
    "test_firewall::test_rules_are_loaded_before_the_network_and_at_boot": started_at_boot("rockpool-firewall.service"),
    "test_firewall::test_workspaces_wait_for_the_rules_and_need_them": moved(
        "/etc/systemd/system/user@900.service.d/firewall.conf", "systemctl daemon-reload"
    ),
    "test_machine::test_it_is_debian_13": (
        "cp -a /usr/lib/os-release /root/; cp -a /etc/debian_version /root/; "
        "sed -i 's/^VERSION_ID=.*/VERSION_ID=\"12\"/' /usr/lib/os-release; echo 12.1 > /etc/debian_version",
        "mv /root/os-release /usr/lib/; mv /root/debian_version /etc/",
    ),
    "test_machine::test_nothing_in_it_has_failed": FAILED,
    "test_machine::test_its_clock_is_right": ("date -s '+1 hour'", "date -s '-1 hour'"),
    "test_podman::test_its_user_lingers_and_has_no_login": (
        "usermod --shell /bin/sh rockpool-ws",
        "usermod --shell /usr/sbin/nologin rockpool-ws",
    ),
    "test_podman::test_the_worker_reaches_the_api": mode("/run/rockpool/podman", "2700", "2750"),
    "test_podman::test_nobody_else_reaches_the_api": opened("/run/rockpool/podman", "podman.sock"),
    "test_podman::test_every_controller_that_limits_need_is_delegated": (
        "mount --bind /dev/null /sys/fs/cgroup/user.slice/user-900.slice/user@900.service/cgroup.controllers",
        "umount /sys/fs/cgroup/user.slice/user-900.slice/user@900.service/cgroup.controllers",
    ),
    "test_podman::test_its_storage_lies_on_the_workspaces_disk": mode("/run/rockpool/podman", "2700", "2750"),
    "test_podman::test_image_stores_cannot_be_written": (
        "mount -o remount,ro,suid,nodev /usr/share/rockpool/store/*",
        "mount -o remount,ro,nosuid,nodev /usr/share/rockpool/store/*",
    ),
    "test_podman::test_workspaces_come_back_after_a_reboot": moved(
        "/etc/systemd/user/default.target.wants/podman-restart.service"
    ),
    "test_queue::test_it_runs_and_starts_at_boot": started_at_boot("elasticmq.service"),
    "test_queue::test_it_gives_back_what_it_takes": QUEUE_PORT,
    "test_queue::test_it_listens_on_loopback_alone": (
        "cp /usr/bin/python3 /root/java; systemd-run --quiet --unit=broken /root/java -m http.server 9999; "
        "until ss -Hltn | grep -q :9999; do sleep 1; done",
        "systemctl stop broken",
    ),
    "test_queue::test_its_queues_are_there": QUEUE_PORT,
    "test_queue::test_its_files_are_closed": mode("/var/lib/rockpool/elasticmq", "755", "700"),
    "test_queue::test_it_is_hardened": softened("elasticmq.service"),
    "test_queue::test_it_reaches_itself_and_nothing_else": bare("elasticmq.service"),
    "test_quotas::test_home_and_layer_are_limited": (
        "xfs_quota -x -c 'report -p -N -b' /var/lib/rockpool-ws | awk '$1 == \"#5001\" { print $4 }' > /root/limit; "
        "xfs_quota -x -c 'limit -p bhard=1g 5001' /var/lib/rockpool-ws; "
        "xfs_io -r -c 'chproj 0' /var/lib/rockpool-ws/homes/demo",
        "xfs_io -r -c 'chproj 5001' /var/lib/rockpool-ws/homes/demo; "
        'xfs_quota -x -c "limit -p bhard=$(cat /root/limit)k 5001" /var/lib/rockpool-ws',
    ),
    "test_quotas::test_nothing_counts_for_nobody_or_another": (
        "touch /var/lib/rockpool-ws/homes/demo/broken; xfs_io -r -c 'chproj 0' /var/lib/rockpool-ws/homes/demo/broken",
        "rm /var/lib/rockpool-ws/homes/demo/broken",
    ),
    "test_quotas::test_nobody_but_who_runs_workspaces_asks_for_limits": mode("/run/rockpool/quota", "2755", "2750"),
    "test_quotas::test_kept_homes_are_looked_after": (
        "systemctl --user --machine=rockpool-ws@ stop rockpool-purge.timer",
        "systemctl --user --machine=rockpool-ws@ start rockpool-purge.timer",
    ),
    "test_routes::test_a_route_is_one_process_that_ends_with_its_container": moved(
        "/run/rockpool/routes/demo.ide.sock"
    ),
    "test_routes::test_caddy_reaches_the_ide_by_its_route": moved("/run/rockpool/routes/demo.ide.sock"),
    "test_routes::test_nobody_else_reaches_a_route": opened("/run/rockpool/routes", "demo.ide.sock"),
    "test_routes::test_a_marker_says_that_the_route_is_up": moved("/run/rockpool/routes/demo.ide"),
    "test_routes::test_the_proxy_has_no_capability_and_no_way_to_one": moved("/run/rockpool/routes/demo.ide.sock"),
    "test_routes::test_the_worker_may_ask_for_verbs_and_nothing_else": mode("/run/rockpool/wsctl", "2700", "2750"),
    "test_routes::test_nobody_else_may_ask_for_verbs": opened("/run/rockpool/wsctl", "wsctl.sock"),
    "test_workspaces::test_the_disk_is_shared_fairly_between_workspaces": (
        'echo "$(findmnt -nro MAJ:MIN /var/lib/rockpool-ws) enable=0" > /sys/fs/cgroup/io.cost.qos',
        'echo "$(findmnt -nro MAJ:MIN /var/lib/rockpool-ws) enable=1" > /sys/fs/cgroup/io.cost.qos',
    ),
    "test_workspaces::test_its_processes_run_as_a_number_that_nobody_has": mode(
        "/var/lib/rockpool-ws/homes/demo", "755", "700"
    ),
    "test_workspaces::test_limits_lie_on_its_cgroup": (
        f"echo 1000 | tee {_SCOPES}/container/pids.max",
        f"echo 4096 | tee {_SCOPES}/container/pids.max",
    ),
}
"""By check, `FILE::FUNCTION` of tests/machines."""

_PODMAN = "podman --url unix:///run/rockpool/podman/podman.sock"
REPLACED = (
    f"{_PODMAN} rm -f -t 0 ws-demo; "
    f"{_PODMAN} run -d --name ws-demo --network host --userns host --device /dev/null:/dev/broken --user 0:0 "
    '--volume /tmp:/mnt --entrypoint \'["sleep", "infinity"]\' localhost/rockpool/workspace:latest'
)
"""A container in the workspace's place that is nothing of what it should be. There is no way back, so it comes last."""

OF_THE_CONTAINER = (
    "test_workspaces::test_the_world_is_as_declared",
    "test_workspaces::test_nothing_is_published_and_no_device_is_given",
    "test_workspaces::test_only_its_home_is_mounted",
    "test_workspaces::test_container_root_is_neither_root_nor_the_owner_of_workspaces",
    "test_workspaces::test_there_is_sudo_inside",
)
