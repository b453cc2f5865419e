"""What became of many things that were tried at once."""

from collections.abc import Iterable


def unforeseen(outcomes: Iterable[object], *foreseen: type[Exception]) -> list[BaseException]:
    """A deadlock, say, where one of these errors, or none, was to be expected."""
    return [each for each in outcomes if isinstance(each, BaseException) and not isinstance(each, foreseen)]
