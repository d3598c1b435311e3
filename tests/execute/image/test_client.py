from pathlib import Path

import pytest

from rockpool.execute.image import client
from rockpool.execute.image.client import Client

ONE = Client(apt_sources="Types: deb\n", apt_options=('Acquire::Retries "3";',), certificates={"own.crt": b"one"})


def test_what_a_shell_reads_is_quoted_and_certificates_point_to_debians_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128/?a='b")
    monkeypatch.setenv("npm_config_cafile", "/etc/pki/tls/cert.pem")
    monkeypatch.setenv("EDITOR", "vi")
    client.place(ONE, tmp_path / "client")
    env = (tmp_path / "client/env").read_text()
    assert """export https_proxy='http://proxy.example:3128/?a='"'"'b'\n""" in env
    assert f"export npm_config_cafile={client.BUNDLE}\n" in env
    assert "EDITOR" not in env
    assert (tmp_path / "client/certificates/own.crt").read_bytes() == b"one"


def test_files_of_package_clients_are_copied_into_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".m2").mkdir()
    (tmp_path / ".m2/settings.xml").write_text("<settings/>")
    (tmp_path / ".npmrc").write_text("registry=https://registry.example\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    client.place(ONE, tmp_path / "client")
    assert (tmp_path / "client/home/.m2/settings.xml").read_text() == "<settings/>"
    assert (tmp_path / "client/home/.npmrc").read_text() == "registry=https://registry.example\n"


def test_every_part_of_the_configuration_is_an_input_of_the_key() -> None:
    assert len(ONE.digest_parts()) == 3
