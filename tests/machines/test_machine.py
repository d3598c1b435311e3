"""The machine itself."""

import pytest

pytestmark = pytest.mark.vm


def test_it_is_debian_13(host):
    assert (host.system_info.distribution, host.system_info.release) == ("debian", "13")


def test_nothing_in_it_has_failed(host):
    assert host.run("systemctl list-units --failed --plain --no-legend").stdout == ""


def test_its_clock_is_right(host):
    import time

    assert abs(int(host.run("date +%s").stdout) - time.time()) < 60
