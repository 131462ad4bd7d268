"""Every text of data and declarations that is printed to people has its Chinese, and the table has nothing else."""

import re
from importlib.resources import files
from pathlib import Path

from gep.assets.parameters import parameter_files
from gep.core.data import data_folder, read_csv, read_toml
from gep.core.messages import Text
from gep.core.translation import TABLE, translated
from gep.derivations import DERIVATIONS
from gep.inputs.office import TABLE as TABLE_OF_OFFICES
from gep.services import SERVICES
from gep.standards.coefficients import alternative_files, study_inputs
from gep.standards.equations import equations
from gep.standards.profile import coefficient_files, profile_ids

DATA = data_folder()
SAMPLE = Path(str(files("gep.study.sample"))) / "sample_city"
ROWS = {row["en"]: row["zh"] for _, row in read_csv(DATA / TABLE)}
CHINESE = re.compile(r"[\u3400-\u9fff]")
IN_FORMULA = re.compile(r"\b(?:of|the|where|not|over|above|below|and|on|else|between|from)\b|no more than|at most")
"""Words of a sentence in a formula, beside its symbols."""
WORD = re.compile(r"[a-z]{2}")
"""What has none is a number, a code or a name, and reads alike in both languages."""
UNIT = r"mm|cm|km²|km2|km|hm²|hm2|m²|m³|m3|kg/m|m/s|kg|t|MJ|kWh|CNY|K|g|cm3"


def texts_of_data():
    tables = [*alternative_files(), *coefficient_files(DATA), *parameter_files()]
    tables += [file for name in profile_ids() for file in coefficient_files(DATA / name)]
    for file in tables:
        for _, row in read_csv(file):
            yield from (row["note"], row["locator"])
    for _, row in read_csv(SAMPLE / "coefficients.csv"):
        yield row["note"]
    for file in (DATA / "crosswalks").glob("*.csv"):
        yield from (row["note"] for _, row in read_csv(file))
    yield from study_inputs().values()
    yield from (row["locator"] for _, row in read_csv(DATA / TABLE_OF_OFFICES))
    for overlap in read_toml(DATA / "overlaps.toml").values():
        yield from (overlap["why"], overlap["rule"])


def texts_of_profiles():
    for name in profile_ids():
        profile = read_toml(DATA / name / "profile.toml")
        yield profile.get("note", "")
        yield from profile.get("provisional", ())
        yield from profile.get("overlaps", {}).values()
        for rule in profile.get("services", {}).values():
            yield from (rule.get(key, "") for key in ("note", "off", "clause"))


def texts_of_declarations():
    for service in SERVICES.values():
        yield from (switch.meaning for switch in service.switches.values())
    yield from (derivation.note for derivation in DERIVATIONS)
    for equation in equations().values():
        symbols = " ".join(equation.symbols.partition("\n\n")[0].split())
        yield from (equation.summary, equation.source, equation.reason)
        yield "" if symbols[:1].isdigit() else symbols  # a worked example
        yield from (" ".join(line.split()) for line in equation.formula.splitlines() if IN_FORMULA.search(line))


PRINTED = {
    text
    for texts in (texts_of_data(), texts_of_profiles(), texts_of_declarations())
    for text in texts
    if WORD.search(text)
}


def test_every_printed_text_has_its_chinese():
    assert sorted(PRINTED - set(ROWS)) == []


def test_no_row_is_unused():
    assert sorted(set(ROWS) - PRINTED) == []


def test_no_text_has_two_rows():
    texts = [row["en"] for _, row in read_csv(DATA / TABLE)]
    assert len(texts) == len(set(texts))


def names(text):
    """What a translation takes over as it is: numbers, units behind a number, code."""
    numbers = set(re.findall(r"\d+(?:\.\d+)?", text))
    units = set(re.findall(rf"\d ?({UNIT})(?![A-Za-z0-9²³])", text))
    code = set(re.findall(r"`[^`]*`", text)) | set(re.findall(r"\b[a-z]+_[a-z_]+\b", text))
    settings = set(re.findall(r'\b\w+ = "\w+"', text))
    return numbers | units | code | settings


def wrong_with(english, chinese):
    """What a translation lacks, or has that it should not."""
    yield from (name for name in sorted(names(english)) if name not in chinese)
    if not CHINESE.search(chinese):
        yield "Chinese"
    if english.endswith(".") != chinese.endswith("。"):
        yield "full stop"
    if half := re.search(r"[\u3400-\u9fff][,;:?!]|[,;:?!][\u3400-\u9fff]", chinese):
        yield half[0]


def test_a_translation_says_the_same():
    wrong = {english: list(wrong_with(english, chinese)) for english, chinese in ROWS.items()}
    assert {english: found for english, found in wrong.items() if found} == {}


def test_what_a_translation_lacks_is_found():
    assert list(wrong_with("Set `x` to 3 kg.", "设为：3")) == ["`x`", "kg", "full stop"]
    assert list(wrong_with("none", "none")) == ["Chinese"]
    assert list(wrong_with("from it", "由此,得出")) == ["此,"]


def test_a_text_is_translated():
    text = translated("table 3")
    assert (text, text.zh) == ("table 3", "表 3")


def test_a_text_is_translated_paragraph_by_paragraph():
    text = translated("table 3\n\nas we\nmeasured\n\n  table\n  3")
    assert text.zh == "表 3\n\nas we\nmeasured\n\n表 3"
    assert text.to("en").startswith("table 3\n\nas we\nmeasured")


def test_what_a_study_writes_itself_stays_as_it_is():
    for own in ("measured by us", "", Text("land", "土地")):
        assert translated(own) == own
    assert translated("measured by us").zh == "measured by us"
    assert translated(Text("land", "土地")).zh == "土地"
