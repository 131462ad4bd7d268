"""The Sphinx extension that writes the reference pages from the declarations before the site is read, and lets the
search find Chinese words.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gep_reference import writing

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def write_pages(app: Sphinx) -> None:
    """Write `reference/` and `tutorials/`; what is wrong with the data is a warning of the build."""
    from sphinx.util import logging

    for warning in writing.write(Path(app.srcdir)):
        logging.getLogger(__name__).warning(warning)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    from sphinx.search import languages

    from gep_reference.chinese_search import SearchBoth

    languages["en"] = SearchBoth
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
