"""What a verb says when it cannot be done."""


class Failure(Exception):
    """Why a verb cannot be done, in one line."""
