"""The ids of an account that name no place, no ecosystem or no zone of a study (a contract of `account.csv`)."""

from __future__ import annotations

from typing import Self


class MatrixCell(str):
    """A cell of the matrix of a profile: an ecosystem (`forest`), or one class of it (`forest/mixed`). It is its text,
    and has its parts.
    """

    __slots__ = ("ecosystem", "land_class")
    ecosystem: str
    land_class: str

    def __new__(cls, text: str) -> Self:
        """The cell that a text names."""
        made = super().__new__(cls, text)
        made.ecosystem, _, made.land_class = text.partition("/")
        return made

    @property
    def pair(self) -> tuple[str, str]:
        """Ecosystem and class, the class empty where all are meant."""
        return self.ecosystem, self.land_class


NONE = "_none"
"""What belongs to no ecosystem, class, service or component."""
CITY = "_city"
"""The whole area, for a figure that exists for it alone."""
UNALLOCATED = "_unallocated"
"""Land inside the outline that lies in no zone."""
