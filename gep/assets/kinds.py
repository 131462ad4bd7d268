"""Words of tables that name a kind: by its id, or by its name in one of the languages."""

from __future__ import annotations

from collections.abc import Sequence

from gep.assets.rows import kind_name, kinds
from gep.core.errors import Problem, did_you_mean, problem
from gep.core.messages import Text
from gep.core.table_words import folded


def kind_of(text: str, among: Sequence[str]) -> str:
    """The id of a kind by its id or its name in one of the languages; empty where it is none of these."""
    for id_ in among:
        name = kinds().get(id_, Text(id_, id_))
        if folded(text) in (folded(id_), folded(name), folded(name.zh)):
            return id_
    return ""


def unknown_kind(column: str, text: str, among: Sequence[str], place: Text) -> Problem:
    """A word that names none of the kinds that a column takes."""
    names = [kind_name(id_) for id_ in among]
    hint = did_you_mean(text, [*among, *(str(name) for name in names), *(name.zh for name in names)])
    return problem("assets.K03.unknown_kind", column, place=place, found=text, there=names, hint=hint)
