"""How one equation is shown, and where each of its arguments comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape as html_escape

from gep.core.catalog import Derivation, label
from gep.core.equation import Equation
from gep_reference import catalogue
from gep_reference import markdown as md
from gep_reference.plain_math import NotMathematics, formula_html, inline_symbol, symbols_of

Origin = Callable[[str], str]


def target(equation: Equation) -> str:
    """Where links to an equation aim."""
    return md.key("equation", catalogue.module_name(equation), equation.name)


def link(equation: Equation) -> str:
    return md.link(md.code(equation.name), target(equation))


def origin(name: str) -> str:
    """Where the values of a name come from: every way there is, the first that is at hand wins."""
    ways: list[str] = []
    if catalogue.is_layer(name):
        ways.append(md.link("layer", md.key("layer", name)))
    if name in catalogue.items():
        ways.append(md.link("table item", md.key("item", name)))
    if name in catalogue.from_the_engine():
        ways.append(md.rich(catalogue.from_the_engine()[name]))
    if name in catalogue.densities():
        service = catalogue.densities()[name]
        ways.append(f"component of {md.link(md.escape(label(service, 'en')), md.key('service', service))}")
    ways += [f"derived by {link(derivation.equation)}" for derivation in catalogue.derivations_of(name)]
    tables = [table for table in catalogue.tables_of(name) if table.folder != "alternatives"]
    if tables:
        ways.append("coefficient: " + ", ".join(table_link(table.folder, table.name, name) for table in tables))
    others = [table for table in catalogue.tables_of(name) if table.folder == "alternatives"]
    if others:
        ways.append(
            "alternatives: " + ", ".join(table_link(table.folder, table.name, name, table.name) for table in others)
        )
    if name in catalogue.study_inputs():
        ways.append(md.link(f"{'else ' if ways else ''}study input", md.key("study-input", name)))
    return "; ".join(ways) or md.styled("study input", "study-input")


def table_link(folder: str, table: str, name: str, text: str = "") -> str:
    """A link to the first row of a coefficient in a table."""
    return md.link(md.escape(text or folder), md.key("coefficient", folder, table, name))


def formula(equation: Equation) -> str:
    """The formula as mathematics where it can be read, else as it is written."""
    if not equation.formula:
        return ""
    try:
        html = formula_html(equation.formula, equation.arguments)
    except NotMathematics:
        html = f'<pre class="formula">{html_escape(equation.formula)}</pre>'
    return f"```{{raw}} html\n{html}\n```\n"


def is_mathematics(equation: Equation) -> bool:
    """Whether the formula is drawn as mathematics."""
    try:
        return bool(formula_html(equation.formula, equation.arguments))
    except NotMathematics:
        return False


def paragraphs(equation: Equation) -> list[str]:
    """The paragraphs of the docstring below the formula."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", equation.symbols) if part.strip()]


def worked_number(equation: Equation) -> str:
    """The number worked by hand: the last paragraph, if there is a number in it."""
    last = (paragraphs(equation) or [""])[-1]
    return last if re.search(r"\d", last) else ""


def _explained(text: str, equation: Equation) -> str:
    """A paragraph on the symbols, with those of the formula drawn as they are there."""
    found = {}
    for symbol in symbols_of(equation.formula) - {"a"}:
        pattern = re.escape(symbol)
        if len(symbol) == 1 and symbol.islower():  # a letter is a symbol where a word follows that says what it is
            pattern = rf"(?:^|(?<=[,.;] )|(?<=and )){symbol}(?= [a-z][a-z]| \()"
        elif symbol in ("A", "I"):  # or an article, or a person
            pattern = rf"(?<![.] ){symbol}"
        found[pattern] = f"<span>{inline_symbol(symbol)}</span>"
    return md.rich(text, found)


def proof(equation: Equation) -> str:
    if equation.is_proved:
        return "units proved when it is imported"
    return f"{md.styled('units not proved', 'provisional')}: {md.rich(equation.reason)}"


def show(
    equation: Equation, level: int, find: Origin = origin, extra: Sequence[str] = (), *, is_home: bool = True
) -> str:
    """An equation as a section. `find` says where an argument comes from; `extra` are lines under the summary.

    Links to the equation lead to its home: the one page of those that show it that is not a copy.
    """
    worked = worked_number(equation)
    texts = paragraphs(equation)[: -1 if worked else None]
    rows = [(md.code(name), md.unit(unit), find(name)) for name, unit in equation.units.items()]
    rows.append(("*result*", md.unit(equation.returns), ""))
    facts = [f"**Worked by hand.** {md.rich(worked)}"] if worked else []
    facts += [f"**Source.** {md.rich(equation.source)}"] if equation.source else []
    facts.append(f"**Proof.** {proof(equation)}")
    return md.page(
        md.heading(level, md.code(equation.name), target(equation) if is_home else ""),
        md.rich(equation.summary),
        *(f"\n{line}" for line in extra),
        "",
        formula(equation),
        *(f"{_explained(text, equation)}\n" for text in texts),
        md.table(("argument", "unit", "from"), rows),
        md.bullets(facts),
    )


def derivation_facts(derivation: Derivation) -> list[str]:
    """What a derivation makes, of what and when."""
    makes = (
        md.link(md.code(derivation.makes), md.key("layer", derivation.makes))
        if catalogue.is_layer(derivation.makes)
        else ""
    )
    facts = [f"Makes {makes or md.code(derivation.makes)}{f', {md.rich(derivation.note)}' if derivation.note else ''}."]
    if derivation.options:
        chosen = " or ".join(md.code(option) for option in derivation.options)
        facts.append(f"Used if the switch {md.code(derivation.switch or derivation.makes)} is {chosen}.")
    if derivation.of_neighbours:
        facts.append(
            f"Computed from the eight neighbours of a cell of {md.code(derivation.of_neighbours)}, on its own grid."
        )
    if derivation.is_provisional:
        facts.append(f"{md.styled('provisional', 'provisional')} Every figure that rests on it says so.")
    return facts


def in_words(ways: Sequence[Mapping[str, Sequence[str]]]) -> str:
    """Under which options something holds; "" where always."""
    return "; or ".join(
        " and ".join(
            f"{md.code(name)} is {' or '.join(md.code(option) for option in options)}" for name, options in way.items()
        )
        for way in ways
        if way
    )
