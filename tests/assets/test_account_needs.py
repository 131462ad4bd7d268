"""What accounts beside GEP need that a project does not give: told for each, with what the project has."""

from __future__ import annotations

import projects
import pytest
from places import SHARED

from gep.assets.context import Context
from gep.assets.needs import lacking, told
from gep.assets.project import MAKERS
from gep.core.messages import LANGUAGES

HULUNBUIR = SHARED / "data" / "hulunbuir"


def test_each_section_that_there_can_be_is_told_of(tmp_path):
    context = Context.of(projects.write(tmp_path))
    assert [name for name, _ in lacking(context)] == list(MAKERS)
    for language in LANGUAGES:
        assert all(f"[assets.{name}]" in told(context).to(language) for name in MAKERS)


@pytest.mark.shared
@pytest.mark.skipif(not HULUNBUIR.is_dir(), reason="the data of Hulunbuir are not there")
def test_hulunbuir_has_production_and_one_land_cover(monkeypatch, capsys, tmp_path):
    gep = projects.caller(monkeypatch, capsys, tmp_path / "here")
    for command in (("assets",), ("grazing",), ("carbon", "account")):
        said = gep(*command, HULUNBUIR)
        assert said.code == 2
        assert all(
            word in said.err for word in ("`pastures`", "`production_map`", "`herds`", "no stock", "of one date")
        )
