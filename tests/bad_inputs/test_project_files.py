"""Project files in which one key holds something odd: each is answered by a clear error, or is as good as any."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import projects
import pytest

from gep.core.errors import GepError, ProjectError
from gep.study.study import Study

KEYS: dict[str, tuple[str, ...]] = {
    "study": ("name", "code", "year", "profile", "price_year", "region", "grid"),
    "zones": ("path", "code", "name", "outline", "layer", "coverage"),
    "land_cover": ("path", "scheme", "year", "band", "variable", "nodata", "sha256"),
    "layers.precipitation": (
        *("path", "units", "scale", "offset", "nodata", "band", "bands", "variable", "resampling", "period", "year"),
        "sha256",
    ),
    "tables": ("statistics",),
    "coefficients": ("own",),
    "prices": ("index",),
    "methods": ("water_retention",),
    "services": ("water_retention",),
    "waivers": ("O20",),
}

ODD = (
    *(
        "",
        "'x'",
        "'\\u0000'",
        "'.'",
        "'..'",
        "'/'",
        "'a/b\\n'",
        "'~'",
        "'[red]'",
        "'nan'",
        "'//'",
        "'1e400'",
        "'%s{0}'",
    ),
    *("0", "-1", "1", "999999999999999999999999", "1e400", "nan", "inf", "-inf", "5e-324", "1e308", "-0.0", "true"),
    *("[]", "[[]]", "[nan, 'x']", "{}", "{crs = 'EPSG:1', resolution = 0}", "{crs = '', resolution = 1e-300}"),
    *("{crs = 'EPSG:32650', resolution = inf}", "{a = {b = {}}}", "2020-01-01", "1979-05-27T07:32:00Z", "07:32:00"),
)
"""Values as TOML writes them; `'` stands for a quotation mark."""


PLACE = "@here@"


def odd_files(folder: Path) -> Iterator[tuple[str, str]]:
    """A name of each case, and the text of the project file."""
    for table, names in KEYS.items():
        for name in names:
            changes: dict[str, Any] = {name: PLACE}
            for part in reversed(table.split(".")):
                changes = {part: changes}
            path = projects.write_toml(folder / "odd.toml", projects.merged(projects.document(), changes))
            content = path.read_text(encoding="utf-8")
            for value in ODD:
                yield f"{table}.{name} = {value}", content.replace(f'"{PLACE}"', value.replace("'", '"'))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return projects.write(tmp_path_factory.mktemp("odd") / "project").parent


@pytest.mark.parametrize("table", KEYS)
def test_no_value_of_a_project_file_ends_in_a_traceback(folder, table):
    opened, said = 0, []
    for name, content in odd_files(folder):
        if not name.startswith(f"{table}."):
            continue
        (folder / "gep.toml").write_text(content, encoding="utf-8")
        try:
            problems = Study.open(folder).inputs.problems
            opened += not any(problem.severity == "error" for problem in problems)
        except GepError as error:
            said.append(error.in_language("zh"))
        except Exception as error:
            raise AssertionError(name) from error
    assert all(said)
    assert opened < len(KEYS[table]) * len(ODD) / 2  # most odd values are no good


@pytest.mark.parametrize(
    ("table", "name", "value", "words"),
    [
        ("land_cover", "path", "'\\u0000'", "number 0"),
        ("layers.precipitation", "scale", "nan", "finite number"),
        ("study", "grid", "{crs = 'EPSG:32650', resolution = inf}", "finite number"),
    ],
)
def test_what_no_file_and_no_number_can_be(folder, table, name, value, words):
    content = dict(odd_files(folder))[f"{table}.{name} = {value}"]
    (folder / "gep.toml").write_text(content, encoding="utf-8")
    with pytest.raises(ProjectError, match=words):
        Study.open(folder)


@pytest.mark.parametrize("key", ["zones", "land_cover"])
def test_a_folder_in_place_of_a_file_is_not_searched(folder, tmp_path, monkeypatch, key):
    def looked_at(*_: object) -> None:
        raise AssertionError("a folder that is no input was searched")

    monkeypatch.setattr("gep.inputs.grids.files.files_below", looked_at)
    changes = {key: {"path": str(tmp_path)}}
    projects.write_toml(folder / "gep.toml", projects.merged(projects.document(), changes))
    assert "F01" in {problem.code for problem in Study.open(folder).inputs.problems}


def test_the_file_without_anything_odd_opens(folder):
    projects.write_toml(folder / "gep.toml", projects.document())
    assert not [problem for problem in Study.open(folder).inputs.problems if problem.severity == "error"]
