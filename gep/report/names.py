"""What people call a layer, an item of the tables, a coefficient, a component or a product."""

from __future__ import annotations

from gep.core.catalog import layer_kinds, named
from gep.core.messages import Text
from gep.inputs.items import item_label, item_units
from gep.standards.coefficients import constant_names, study_input_labels


def called(name: str) -> Text | None:
    """Its name; None for what only has its id."""
    if kind := layer_kinds().get(name):
        return Text(kind.label_en, kind.label_zh)
    if name in item_units():
        return item_label(name)
    if (label := study_input_labels().get(name)) is not None:
        return label
    known = named(name)
    return known if known != name else constant_names().get(name)
