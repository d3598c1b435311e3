"""Podman's API: what is asked of it, and which answers count."""

import pytest

from rockpool.guest import podman
from tests.guest.conftest import Api

DEMO = "/v5.0.0/libpod/containers/ws-demo"


@pytest.mark.parametrize("answer", [(200, [{"Id": "c1"}]), (404, {"cause": "none such"})])
def test_a_container_is_removed_without_a_look_at_it(api: Api, answer: tuple[int, object]) -> None:
    api[DEMO] = answer
    podman.remove("demo")
    assert api.asked == ["DELETE /containers/ws-demo?force=true&ignore=true&v=true"]


def test_a_container_that_cannot_be_removed_is_told_with_the_reason(api: Api) -> None:
    api[DEMO] = (500, {"cause": "database is locked"})
    with pytest.raises(podman.Refused, match="database is locked"):
        podman.remove("demo")
