"""The reference of the documentation is written from the declarations: nothing is left out, and formulas mean what they
say.
"""

import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
from itertools import product
from xml.etree import ElementTree as ET

import pytest
from places import ROOT
from rooms import FLOORS

import gep
import gep.standards.coefficients
import gep.standards.profile
from gep.core.catalog import layer_kinds, service_ids
from gep.core.data import data_folder, read_csv
from gep.core.equation import Equation
from gep.core.messages import catalogue
from gep.derivations import DERIVATIONS
from gep.services import SERVICES
from gep.standards.overlaps import overlaps
from gep.standards.profile import load_profile, profile_ids

DOCS = ROOT / "docs"

if not (DOCS / "_ext").is_dir():
    pytest.skip("the documentation is not beside the tests", allow_module_level=True)


@pytest.fixture(scope="module")
def extension():
    """A module of the extension, by name."""
    sys.path.insert(0, str(DOCS / "_ext"))
    yield lambda name: importlib.import_module(f"gep_reference.{name}")
    sys.path.remove(str(DOCS / "_ext"))


@pytest.fixture(scope="module")
def pages(extension):
    return extension("writing").pages()


# the pages cover the declarations -------------------------------------------------------------------------------------


def test_every_service_has_a_page_that_the_index_names(pages):
    for service in service_ids():
        assert f"`{service}`" in pages[f"services/{service}.md"]
        assert f"`{service}`" in pages["index.md"]


def components(service):
    """Every component of a service, under all options of its switches."""
    for options in product(*(switch.options for switch in service.switches.values())):
        yield from service.components(dict(zip(service.switches, options, strict=True)))


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.id)
def test_a_service_page_has_all_its_equations_components_and_switches(pages, service):
    page = pages[f"services/{service.id}.md"]
    found = [equation for component in components(service) for equation in component.equations]
    for equation in {e.name: e for e in [*found, *(kind.value for kind in service.products)]}.values():
        section = section_of(page, equation)
        assert all(f"| `{argument}` |" in section for argument in equation.arguments), equation.name
        assert equation.source == "" or "**Source.**" in section
        assert ("units proved when it is imported" in section) == equation.is_proved
    for component in components(service):
        assert f"`{component.id}`" in page
        assert component.money is None or f"`{component.money.price}`" in page
    for name, switch in service.switches.items():
        assert f"| `{name}` |" in page
        assert all(f"`{option}`" in page for option in switch.options)


def section_of(page, equation):
    """The part of a page below the heading of an equation."""
    start = re.search(rf"^#+ `{equation.name}`$", page, flags=re.MULTILINE)
    assert start, f"{equation.name} has no section"
    return page[start.end() :].split("\n#", 1)[0]


@pytest.mark.parametrize("package", ["gep.services", "gep.derivations", "gep.stocks"])
def test_no_equation_of_a_module_is_left_out(pages, package):
    for path in sorted((ROOT / package.replace(".", "/")).glob("[!_]*.py")):
        module = importlib.import_module(f"{package}.{path.stem}")
        for value in vars(module).values():
            if isinstance(value, Equation) and value.fn.__module__ == module.__name__:
                assert any(re.search(rf"^#+ `{value.name}`$", page, flags=re.MULTILINE) for page in pages.values()), (
                    value.name
                )


def test_every_derivation_is_described_in_its_group_and_listed(pages):
    for derivation in DERIVATIONS:
        group = derivation.equation.fn.__module__.rpartition(".")[2]
        section = section_of(pages[f"derivations/{group}.md"], derivation.equation)
        assert f"`{derivation.makes}`" in section
        assert all(f"`{option}`" in section for option in derivation.options)
        assert f"[`{derivation.equation.name}`]" in pages["derivations/index.md"]


@pytest.mark.parametrize("identifier", profile_ids())
def test_a_profile_page_has_every_service_with_its_state(pages, identifier):
    profile, page = load_profile(identifier), pages[f"profiles/{identifier}.md"]
    for service in profile.rules:
        assert page.count(f"#service-{service.replace('_', '-')}") >= 2, service
    assert page.count("provisional]{.provisional}") >= (profile.level == "provisional")
    assert page.partition("## Overlaps")[2].partition("\n## ")[0].count("\n| ") == (
        len(profile.overlaps) + 2 if profile.overlaps else 0
    )
    assert len(re.findall(r"^- ", page.partition("## Provisional")[2].partition("##")[0], flags=re.MULTILINE)) == len(
        profile.provisional
    )
    assert f"({profile.name_zh})" in page or profile.name_zh in page


def test_every_table_has_a_page_and_every_row_of_it_a_line(pages):
    tables = list(data_folder().glob("*/*.csv"))
    assert tables
    for path in tables:
        rows = [row for _, row in read_csv(path)]
        kind = "coefficients" if rows and {"coefficient", "locator", "status"} <= set(rows[0]) else "tables"
        page = pages[f"{kind}/{path.parent.name}/{path.stem}.md"]
        lines = [line for line in page.split("\n") if line.startswith("| ")][2:]
        assert len(lines) == len(rows), path
        if kind == "coefficients":
            assert sum("{.provisional}" in line for line in lines) == sum(
                row["status"] == "provisional" for row in rows
            )
            assert all(row["coefficient"] in line for row, line in zip(rows, lines, strict=True))


def test_vocabularies_and_sources_are_complete(pages):
    assert all(f"[`{name}`]{{#layer-" in pages["layers.md"] for name in layer_kinds())
    assert all(f"[`{row['item']}`]{{#item-" in pages["items.md"] for _, row in read_csv(data_folder() / "items.csv"))
    assert all(f"[`{source}`]{{#source-" in pages["sources.md"] for source in gep.standards.coefficients.sources())
    assert all(
        f"[`{name}`]{{#study-input-" in pages["study_inputs.md"] for name in gep.standards.coefficients.study_inputs()
    )
    assert all(f"| {overlap.why}" in pages["overlaps.md"].replace("\\", "") for overlap in overlaps().values())
    unproved = [d.equation for d in DERIVATIONS if not d.equation.is_proved]
    assert all(f"[`{equation.name}`]" in pages["unproved.md"] for equation in unproved)


def test_a_service_page_names_what_it_overlaps_with(pages):
    for overlap in overlaps().values():
        for flow in overlap.flows:
            assert "## Overlaps" in pages[f"services/{flow.partition('/')[0]}.md"], overlap.id


def test_every_code_is_explained_in_both_languages(pages):
    for code, about in catalogue("codes").items():
        assert f"### {code}: " in pages["codes.md"]
        for language in ("en", "zh"):
            why = " ".join(about["why"][language].split())[:20].replace("`", "")
            assert why in re.sub(r"[`\\]", "", pages["codes.md"])


def test_links_within_the_reference_have_a_target(pages):
    text = "\n".join(pages.values())
    targets = set(re.findall(r"^\(([a-z0-9-]+)\)=$", text, flags=re.MULTILINE)) | set(
        re.findall(r"\{#([a-z0-9-]+)\}", text)
    )
    assert set(re.findall(r"\]\(#([a-z0-9-]+)\)", text)) <= targets


def test_a_target_stands_once(pages):
    targets = re.findall(r"^\(([a-z0-9-]+)\)=$|\{#([a-z0-9-]+)\}", "\n".join(pages.values()), flags=re.MULTILINE)
    names = ["".join(pair) for pair in targets]
    assert len(names) == len(set(names))


def test_every_equation_shows_a_number_worked_by_hand(extension):
    catalogue, equations = extension("catalogue"), extension("equations")
    assert [e.name for e in catalogue.all_equations() if not equations.worked_number(e)] == []


def test_a_condition_names_the_switches_that_decide(extension):
    catalogue = extension("catalogue")
    switches = {"lake": ["regression", "gauge"], "unit": ["each", "total"], "other": ["x", "y"]}
    every = [dict(zip(switches, options, strict=True)) for options in product(*switches.values())]
    each = [s for s in every if s["lake"] == "regression" and s["unit"] == "each"]
    rest = [s for s in every if s not in each]
    assert catalogue._decide(every, switches) == []
    assert catalogue._decide(each, switches) == [{"lake": ["regression"], "unit": ["each"]}]
    assert catalogue._decide(rest, switches) == [{"lake": ["regression"], "unit": ["total"]}, {"lake": ["gauge"]}]


def test_pages_are_written_once_and_stale_ones_go(extension, pages, tmp_path, monkeypatch):
    writing = extension("writing")
    monkeypatch.setattr(writing, "pages", lambda: pages)
    stale = tmp_path / "docs" / "reference" / "services" / "gone.md"
    stale.parent.mkdir(parents=True)
    stale.write_text("old", encoding="utf-8")
    writing.write(tmp_path / "docs")
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "docs").rglob("*.md")}
    assert not stale.exists()
    assert len(written) == len(pages)
    writing.write(tmp_path / "docs")
    assert {path: path.stat().st_mtime_ns for path in written} == written


# text -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b", r"a\|b"),
        ("2 * 3", r"2 \* 3"),
        ("snake_case", r"snake\_case"),
        ("1. item", r"1\. item"),
        ("- 5", r"\- 5"),
        ("0.24 of it", "0.24 of it"),
        ("<b>", r"\<b\>"),
        ("水源涵养（试行）", "水源涵养（试行）"),
        ("two\nlines", "two lines"),
    ],
)
def test_text_is_escaped(extension, text, expected):
    assert extension("markdown").escape(text) == expected


def test_code_dois_and_decisions_in_text(extension):
    rich = extension("markdown").rich
    assert rich("see `a_b|c` there") == r"see `a_b\|c` there"
    assert rich("doi 10.5846/stxb201607011362, table 3") == (
        "[doi 10.5846/stxb201607011362](<https://doi.org/10.5846/stxb201607011362>), table 3"
    )
    assert rich("units: decision 0008") == (r"units\: [decision 0008](/decisions/0008-erosivity-from-monthly-rain.md)")


# formulas -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "mathml"),
    [
        ("V = Q c", "<mi>V</mi><mo>=</mo><mi>Q</mi>_<mi>c</mi>"),
        ("alpha", "<mi>α</mi>"),
        ("P_d", "<msub><mi>P</mi><mi>d</mi></msub>"),
        ("Q_CO2", "<msub><mi>Q</mi><mi>CO₂</mi></msub>"),
        ("q_NH3-N", "<msub><mi>q</mi><mi>NH₃‑N</mi></msub>"),
        ("ET0_m", "<msub><mi>ET</mi><mrow><mn>0</mn><mo>,</mo><mi>m</mi></mrow></msub>"),
        ("K'", "<mi>K′</mi>"),
        ("x^2", "<msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup>"),
        ("x²", "<msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup>"),
        ("b^-7.1", "<msup><mrow><mi>b</mi></mrow><mrow><mo form='prefix'>−</mo><mn>7.1</mn></mrow></msup>"),
        ("P_i^2", "<msubsup><mi>P</mi><mrow><mi>i</mi></mrow><mrow><mn>2</mn></mrow></msubsup>"),
        ("x^(1/w)", "<msup><mrow><mi>x</mi></mrow><mrow><mn>1</mn><mo>/</mo><mi>w</mi></mrow></msup>"),
        ("sqrt(x)", "<msqrt><mrow><mi>x</mi></mrow></msqrt>"),
        ("44/12 N", "<mfrac><mrow><mn>44</mn></mrow><mrow><mn>12</mn></mrow></mfrac>_<mi>N</mi>"),
        ("g d / r", "<mfrac><mrow><mi>g</mi>_<mi>d</mi></mrow><mrow><mi>r</mi></mrow></mfrac>"),
        (
            "(a - b) / (c - d)",
            "<mfrac><mrow><mi>a</mi><mo>−</mo><mi>b</mi></mrow><mrow><mi>c</mi><mo>−</mo><mi>d</mi></mrow></mfrac>",
        ),
        ("30 46.5 %", "<mn>30</mn><mo>·</mo><mn>46.5 %</mn>"),
        ("1e-3", "<msup><mn>10</mn><mn>−3</mn></msup>"),
        ("sum_m P_m", "<munder><mo>∑</mo><mrow><mi>m</mi></mrow></munder><msub><mi>P</mi><mi>m</mi></msub>"),
        ("-exp x", "<mo form='prefix'>−</mo><mrow><mi>exp</mi>_<mi>x</mi></mrow>"),
        ("26 degC", "<mn>26</mn>_<mi>°C</mi>"),
        ("a >= b", "<mi>a</mi><mo>≥</mo><mi>b</mi>"),
        ("10-30", "<mtext>10–30</mtext>"),
    ],
)
def test_a_formula_in_plain_text_becomes_mathematics(extension, text, mathml):
    assert canonical(extension("plain_math").expression(text)) == canonical(mathml.replace("_", "<mspace/>"))


def canonical(mathml):
    """MathML without the attributes that only space or size something."""
    tree = ET.fromstring(f"<math>{mathml.replace('&#8289;', '')}</math>")
    for node in tree.iter():
        node.attrib = {
            key: value for key, value in node.attrib.items() if key == "form" and value == "prefix" and node.text == "−"
        }
        node.text = (node.text or "").strip().replace("\u00a0", " ")
    return ET.tostring(tree, encoding="unicode")


def test_a_quotient_is_stacked_only_where_its_ends_are_certain(extension):
    expression = extension("plain_math").expression
    for text in ("a / b c", "a / b / c", "d / pi (w + v)"):
        assert "<mfrac>" not in expression(text)
        assert "<mo>/</mo>" in expression(text)
    assert expression("a/b c").count("<mfrac>") == 1, "without spaces it binds what it touches"


def test_a_bracket_without_a_space_is_an_argument_and_with_one_a_factor(extension):
    expression = extension("plain_math").expression
    assert "&#8289;" in expression("f(x)")
    assert "&#8289;" not in expression("f (x)")


def test_words_are_text_and_numbers_after_them_no_factors(extension):
    html = extension("plain_math").formula_html("F = min(a, 0.9) above NDVI 0.075, else 0")
    assert '<span class="condition">above</span>' in html
    assert "<mo>·</mo>" not in html


def test_arguments_keep_their_names(extension):
    html = extension("plain_math").formula_html("R = sum_d P_d,  over days with P_d >= erosive_day", ["erosive_day"])
    assert '<mtext class="argument">erosive_day</mtext>' in html
    assert html.count('class="statement"') == 1


def test_statements_and_cases_stand_on_lines_of_their_own(extension):
    formula_html = extension("plain_math").formula_html
    assert formula_html("L = (x / 22.13)^m,  m = b / (1 + b),  b = 2 s").count('class="statement"') == 3
    assert formula_html("Q = a\n    + b").count('class="statement"') == 1
    cases = formula_html(
        "S = 10.8 s + 0.03      t < 5 degrees\n    16.8 s - 0.5       below 10\n    9.6            above"
    )
    assert (cases.count("<mtr>"), cases.count("<mtd"), cases.count('class="statement"')) == (3, 6, 1)


@pytest.mark.parametrize("text", ["a ? b", "f(x", "x)", "a / ", "= #", "3 365 d", ""])
def test_what_cannot_be_read_for_certain_is_no_mathematics(extension, text):
    plain_math = extension("plain_math")
    with pytest.raises(plain_math.NotMathematics):
        plain_math.formula_html(text)


def test_all_drawn_formulas_are_well_formed_and_most_are_drawn(extension):
    catalogue, equations = extension("catalogue"), extension("equations")
    drawn = [equation for equation in catalogue.all_equations() if equations.is_mathematics(equation)]
    for equation in drawn:
        html = extension("plain_math").formula_html(equation.formula, equation.arguments)
        ET.fromstring(html)
        letters = re.sub(r"[^a-z]", "", re.sub(r"<[^>]*>|&[^;]*;", "", html))
        plain = {
            name for name in re.findall(r"[a-z]{3,}", equation.formula) if name not in extension("plain_math").GREEK
        }
        assert all(name in letters or name in {"sum", "prod", "sqrt", "deg", "degrees"} for name in plain), (
            equation.formula
        )
    assert len(drawn) >= 0.95 * len(catalogue.all_equations())


def test_a_formula_that_is_not_read_is_shown_as_it_is_written(extension):
    class Odd:
        formula, arguments = "a ? <b>", ()

    assert '<pre class="formula">a ? &lt;b&gt;</pre>' in extension("equations").formula(Odd())


# the pages written by hand --------------------------------------------------------------------------------------------


def test_the_walk_through_of_a_province_works(tmp_path):
    blocks = re.findall(
        r"```(?:toml|text)\n(.*?)```", (DOCS / "add-a-province.md").read_text(encoding="utf-8"), flags=re.DOTALL
    )
    source, profile, table = blocks
    folder = tmp_path / "example-2024"
    folder.mkdir()
    write(tmp_path / "sources.toml", source)
    write(folder / "profile.toml", profile)
    write(folder / "water_retention.csv", table)
    with gep.register(data=tmp_path):
        loaded = load_profile("example-2024")
        assert loaded.folders[:2] == ("example-2024", "ndrc-2022")
        assert not loaded.rules["oxygen_release"].off
        assert "noise_attenuation" not in loaded.rules
        assert loaded.rules["water_retention"].methods["negative"] == "clip_type"
        assert {(row.name, row.ecosystem, row.value) for row in loaded.tables[0]} == {
            ("runoff_coefficient", "forest", 3.1),
            ("runoff_coefficient", "cropland", 12.0),
            ("reservoir_cost", "", 7.2),
        }


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_the_site_builds_without_warnings(tmp_path):
    for package in ("sphinx", "myst_nb", "furo", "sphinx_gallery"):
        pytest.importorskip(package, reason="the extra `docs` is not installed; continuous integration builds the site")
    skipped = shutil.ignore_patterns("_build", "reference", "tutorials", "examples", "__pycache__")
    shutil.copytree(DOCS, tmp_path / "docs", ignore=skipped)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    options = ["-W", "--keep-going", "-q", "-b", "dummy", "-D", "nb_execution_mode=off", "-D", "plot_gallery=0"]
    command = [sys.executable, "-m", "sphinx", *options, str(tmp_path / "docs"), str(tmp_path / "html")]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr


def test_a_search_finds_words_within_chinese(extension):
    pytest.importorskip("sphinx", reason="the extra `docs` is not installed; continuous integration builds the site")
    search = extension("chinese_search").SearchBoth({})
    assert {"水源", "涵养", "水源涵养", "Water"} <= set(search.split("Water retention (水源涵养)"))
    assert search.word_filter("水源")


def test_the_walk_through_the_house_names_what_is_there():
    """Every `gep.…` of the walk is found where it says, and it passes through every room of
    the chain: derivations take no part in it, nor do the rooms of accounts beside GEP.
    """
    text = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    names = re.findall(r"`(gep\.[\w.]+\.\w+)`", text.partition("## A walk through the house")[2].partition("\n## ")[0])
    rooms = {name.split(".")[1] for name in names}
    assert rooms == {room for floor in FLOORS for room in floor} - {"derivations", "ecosystems", "stocks", "assets"}
    for name in names:
        assert name.startswith(f"{pkgutil.resolve_name(name).__module__}.")
