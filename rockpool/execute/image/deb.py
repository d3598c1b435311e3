"""Debian packages of ours, made by dpkg-deb."""

from __future__ import annotations

import shutil

from rockpool.execute.image.work import Work


def make(work: Work, *, package: str, version: str, summary: str, compression: str = "zstd") -> None:
    """Pack what a script left in `/scratch/root` as a package, leave the package alone in the work's directory."""
    control = work.scratch / "root/DEBIAN/control"
    control.parent.mkdir(exist_ok=True)
    control.write_text(
        f"Package: {package}\nVersion: {version}\nArchitecture: {work.arch}\n"
        f"Maintainer: Rockpool <root@localhost>\nDescription: {summary}\n"
    )
    name = f"{package}_{version}_{work.arch}.deb"
    options = ("--root-owner-group", f"-Z{compression}")
    work.in_builder(("dpkg-deb", *options, "--build", "/scratch/root", f"/scratch/{name}"))
    (work.scratch / name).rename(work.path / name)
    shutil.rmtree(work.scratch)
