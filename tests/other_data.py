"""The shipped data in another folder, for tests that break a copy of them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

from gep.core import data
from gep.standards import check, profile


@contextmanager
def data_in(folder: Path) -> Iterator[None]:
    """Let everything read the shipped data from a folder."""
    with ExitStack() as patched:
        for room in (data, check, profile):
            patched.enter_context(mock.patch.object(room, "data_folder", return_value=folder))
        data.forget()
        yield
    data.forget()
