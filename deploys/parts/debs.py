"""Our own packages, which the image build makes."""

from collections.abc import Callable, Sequence

from rockpool.execute import image


def ours(package: str) -> Callable[[], Sequence[image.Deb]]:
    """Return how to find the package of this name; to be asked when the image has been built."""
    return lambda: [deb for deb in image.debs() if deb.package == package]
