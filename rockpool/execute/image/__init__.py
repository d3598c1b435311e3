"""Images: what a machine boots, and our software as Debian packages. Built once a content key, kept below the home."""

from rockpool.execute.image.build import build
from rockpool.execute.image.catalog import Deb, Image, Row, current, debs, find, prune, survey
from rockpool.execute.image.recipes import MACHINES

__all__ = ["MACHINES", "Deb", "Image", "Row", "build", "current", "debs", "find", "prune", "survey"]
