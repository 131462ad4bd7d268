"""A layer that is not given is told by its name, and not by the coefficient that only some classes have for it."""

from __future__ import annotations

import re
from pathlib import Path

from coarse_city import checked_and_run, of_code, opened

from gep.study.sample.city import write_sample_city


def test_a_missing_vegetation_cover_is_no_missing_coefficient(tmp_path: Path):
    city = write_sample_city(tmp_path / "city").parent
    project = city / "gep.toml"
    text = project.read_text(encoding="utf-8")
    for layer in ("vegetation_cover", "ndvi"):
        text = re.sub(rf"\[layers\.{layer}\].*?(?=\n\[)", "", text, count=1, flags=re.DOTALL)
    project.write_text(text, encoding="utf-8")
    checked, ran, account = checked_and_run(opened(city))
    assert account is not None
    (found,) = of_code(checked, "N20")  # one line, though four components of the service lose it
    assert of_code(ran, "N20") == [found]
    assert (found.severity, found.subject) == ("warning", "soil_retention")
    assert "`vegetation_cover`" in found.message
    assert "forest/mixed" in found.message
    assert not of_code(ran, "C12")
    (soil,) = [m for m in account.about.missing if m.service == "soil_retention"]
    assert (soil.reason, soil.is_required) == ("no_input", True)
    assert "`vegetation_cover`" in soil.detail
