from rockpool.execute.image.host import NEEDED_BYTES, lacking


def test_a_fit_machine_lacks_nothing() -> None:
    assert lacking(is_root=True, absent=(), free=NEEDED_BYTES) is None


def test_everything_that_is_lacking_is_named_at_once_with_its_fix() -> None:
    fault = lacking(is_root=False, absent=("mmdebstrap", "unshare", "setpriv"), free=2**30)
    assert fault is not None
    assert all(word in fault.why for word in ("root", "mmdebstrap", "unshare", "1.0 GiB free"))
    assert "run it as root" in fault.fix
    assert "apt install mmdebstrap util-linux;" in fault.fix
    assert "ROCKPOOL_HOME" in fault.fix
