"""A criterion of a gate or a light: what must hold, whether it does, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NAMED = 3  # of what stands against a criterion


@dataclass(frozen=True)
class Criterion:
    """A statement that must hold, whether it does, and what was found, in words. page, section: where it is
    settled; page "" = where it is shown"""

    statement: str
    met: bool
    found: str
    page: str = ""
    section: str = ""


def criterion(
    statement: str, against: Sequence[str], found: str, page: str = "", section: str = ""
) -> Criterion:
    """A criterion that is met while nothing stands against it; else it names the first NAMED of it.

    found: the words while it is met
    """
    more = len(against) - NAMED
    named = "; ".join(list(against)[:NAMED]) + (f" and {more} more" if more > 0 else "")
    return Criterion(statement, not len(against), named if len(against) else found, page, section)
