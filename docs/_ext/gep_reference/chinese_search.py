"""Words of Chinese are not set apart by spaces: a search finds them where pages and queries are cut into pairs of
characters.
"""

from __future__ import annotations

import re
from itertools import pairwise

from sphinx.search.en import SearchEnglish

_RUN = re.compile(r"[\u4e00-\u9fff]{3,}")


class SearchBoth(SearchEnglish):
    """English as before; of longer runs of Chinese their pairs of characters, so that 水源 is found in 水源涵养."""

    js_splitter_code = r"""
var splitQuery = function (query) {
  return query.split(/[^\p{Letter}\p{Number}_\p{Emoji_Presentation}]+/gu).flatMap(function (term) {
    if (!/^[\u4e00-\u9fff]{3,}$/.test(term)) return [term];
    return Array.from(term).slice(1).map(function (sign, place) { return term[place] + sign; });
  }).filter(Boolean);
};
"""

    def split(self, input: str) -> list[str]:
        """The words of a text."""
        pairs = [first + second for run in _RUN.findall(input) for first, second in pairwise(run)]
        return [*super().split(input), *pairs]
