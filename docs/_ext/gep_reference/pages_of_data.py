"""Pages of what is data: coefficient tables, profiles, classes, crosswalks, units, sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gep.core import units
from gep.core.catalog import CATEGORIES, label
from gep.core.data import data_folder, read_csv, read_toml
from gep.ecosystems import ECOSYSTEMS
from gep.inputs.products import products
from gep.report.profiles import matrix
from gep.services import SERVICES
from gep.standards.coefficients import Coefficient, sources
from gep.standards.overlaps import overlaps
from gep.standards.profile import Profile
from gep.study.products import describe
from gep_reference import catalogue
from gep_reference import equations as shown
from gep_reference import markdown as md
from gep_reference.pages_of_code import OVERLAP_COLUMNS, flow, overlap_row, service_link

MATRIX_MARKS = {"counted": "●", "some": "◐", "if_supplied": "○"}
PROVISIONAL = md.styled("provisional", "provisional")
FOLDERS = {"common": "Common to all profiles", "alternatives": "Alternatives", "assets": "Accounts beside GEP"}
ABOUT_FOLDERS = {
    "common": "Definitions, constants and fits that every profile has.",
    "assets": "Parameters of carbon, credits, grazing, restoration, condition and assets. No profile uses them.",
    "alternatives": "What other documents print for the same thing. No profile uses "
    "them: a study takes a set with `any_name = "
    '"@set"` in its `[coefficients]`.',
}


def folder_link(folder: str) -> str:
    """A link to the profile of a folder; its name if it is none."""
    return (
        md.link(md.escape(folder), md.key("profile", folder))
        if folder in catalogue.profiles()
        else md.escape(FOLDERS.get(folder, folder))
    )


def coefficient_folders() -> list[str]:
    """The folders of coefficient tables, what all have first and what none has by default last."""
    folders = dict.fromkeys(table.folder for table in catalogue.coefficient_tables())
    return sorted(folders, key=lambda folder: (folder == "alternatives", folder != "common", folder))


def table_target(folder: str, name: str) -> str:
    return md.key("table", folder, name)


def source_link(identifier: str) -> str:
    """A source by its number if it is a standard, else by its id."""
    about = sources().get(identifier, {})
    text = str(about.get("number") or identifier) if about.get("kind") == "standard" else identifier
    return md.link(md.escape(text), md.key("source", identifier)) if about else md.escape(identifier)


def citation(about: Mapping[str, object]) -> str:
    """A document as a list of references gives it."""
    title = " ".join(f"{about.get('title', '')}".split())
    zh = f" ({md.escape(str(about['title_zh']))})" if about.get("title_zh") else ""
    where = [str(about[key]) for key in ("journal", "publisher", "number") if about.get(key)]
    out = (
        f"{md.escape(str(about.get('authors', '')))} ({about.get('year', '')}). *{md.escape(title)}*{zh}. "
        f"{md.escape(', '.join(where))}."
    )
    out += f" {md.doi(str(about['doi']))}." if about.get("doi") else ""
    return out + (f" {md.rich(str(about['note']))}" if about.get("note") else "")


def _references(identifiers: Iterable[str]) -> str:
    used = [identifier for identifier in dict.fromkeys(identifiers) if identifier in sources()]
    if not used:
        return ""
    entries = [f"{source_link(identifier)}: {citation(sources()[identifier])}" for identifier in sorted(used)]
    return md.page(md.heading(2, "Sources"), md.bullets(entries))


def _place(row: Coefficient) -> str:
    where = "/".join(part for part in (row.ecosystem, row.land_class) if part) or "any"
    more = [row.region] if row.region else []
    more += [f"from {row.from_year}"] if row.from_year is not None else []
    return md.escape(", ".join((where, *more)))


def coefficient_index() -> str:
    """The folders of tables, and every coefficient with the tables that have it."""
    folders = []
    for folder in coefficient_folders():
        rows = [row for table in catalogue.coefficient_tables() if table.folder == folder for row in table.rows]
        count = str(sum(row.status != "verified" for row in rows) or "")
        folders.append(
            (md.link(md.escape(FOLDERS.get(folder, folder)), md.key("tables", folder)), str(len(rows)), count)
        )
    users = catalogue.users_of()
    tables: dict[str, list[str]] = {}
    for table in sorted(catalogue.coefficient_tables(), key=lambda table: coefficient_folders().index(table.folder)):
        text = f"@{table.name}" if table.folder == "alternatives" else table.folder
        for name in dict.fromkeys(row.name for row in table.rows):
            tables.setdefault(name, []).append(shown.table_link(table.folder, table.name, name, text))
    names = [
        (md.code(name), ", ".join(tables[name]), ", ".join(map(shown.link, users.get(name, ()))))
        for name in sorted(tables)
    ]
    return md.page(
        md.heading(1, "Coefficients"),
        "Every value that gep ships, as its source prints it. A profile has the tables of its own folder, then "
        "those of the profiles it extends, then the "
        "common ones; see {doc}`/decisions/0004-which-coefficient-holds`. "
        f"`verified` means that somebody read the number in the source; everything else is {PROVISIONAL}, and "
        "every figure that rests on it says so.\n",
        md.table(("folder", "rows", "provisional"), folders, right=("rows", "provisional")),
        md.heading(2, "All coefficients"),
        md.table(("coefficient", "values in", "used by"), names),
        md.toctree(f"{folder}/index" for folder in coefficient_folders()),
        wide=True,
    )


def coefficient_folder(folder: str) -> str:
    """The tables of one folder."""
    tables = [table for table in catalogue.coefficient_tables() if table.folder == folder]
    rows = [
        (
            md.link(_table_name(table), table_target(folder, table.name)),
            str(len(table.rows)),
            str(sum(row.status != "verified" for row in table.rows) or ""),
            ", ".join(
                shown.table_link(folder, table.name, name, name)
                for name in dict.fromkeys(row.name for row in table.rows)
            ),
        )
        for table in tables
    ]
    about = (
        f"The tables of the profile {folder_link(folder)}."
        if folder in catalogue.profiles()
        else ABOUT_FOLDERS.get(folder, "")
    )
    return md.page(
        md.heading(1, md.escape(FOLDERS.get(folder, folder)), md.key("tables", folder)),
        f"{about}\n",
        md.table(("table", "rows", "provisional", "coefficients"), rows, right=("rows", "provisional")),
        md.toctree(table.name for table in tables),
        wide=True,
    )


def _table_name(table: catalogue.CoefficientTable) -> str:
    """How a table is called: a set of alternatives as a study chooses it, another one by its topic."""
    return (
        md.code(f"@{table.name}")
        if table.folder == "alternatives"
        else md.escape(table.name.replace("_", " ").capitalize())
    )


def coefficient_page(table: catalogue.CoefficientTable) -> str:
    """The rows of one table."""
    is_alternative = table.folder == "alternatives"
    of = "" if is_alternative else f" ({md.escape(table.folder)})"
    rows, seen = [], set()
    for row in table.rows:
        name = (
            md.code(row.name)
            if row.name in seen
            else md.mark(md.code(row.name), md.key("coefficient", table.folder, table.name, row.name))
        )
        seen.add(row.name)
        span = (
            f"<br>{md.number(row.low)} to {md.number(row.high)}" if row.low is not None and row.high is not None else ""
        )
        year = f", of {row.price_year}" if row.price_year is not None else ""
        status = "" if row.status == "verified" else f"{PROVISIONAL} "
        value = f"{md.number(row.value)} {md.unit(row.unit)}".removesuffix(" 1")
        rows.append(
            (
                name,
                _place(row),
                f"{value}{year}{span}",
                f"{source_link(row.source)}, {md.rich(row.locator)}",
                f"{status}{md.rich(row.note)}".strip(),
            )
        )
    provisional = sum(row.status != "verified" for row in table.rows)
    text = (
        f"`coefficients/{table.folder}/{table.name}.csv`: {len(table.rows)} rows, {provisional or 'none'} "
        "provisional.\n"
    )
    return md.page(
        md.heading(1, f"{_table_name(table)}{of}", table_target(table.folder, table.name)),
        text,
        _chosen(table) if is_alternative else "",
        md.table(("coefficient", "where", "value", "source", "note"), rows),
        _references(row.source for row in table.rows),
        wide=True,
        is_listed=not is_alternative,
    )


def _chosen(table: catalogue.CoefficientTable) -> str:
    """How a study takes a set of alternatives."""
    name = table.rows[0].name if table.rows else "coefficient"
    whole, one = md.code(f'any_name = "@{table.name}"'), md.code(f'any_name = "@{table.name}/{name}"')
    back = md.link("alternatives", md.key("tables", "alternatives"))
    return (
        f"One of the {back}: no profile uses it. A study takes it with {whole} in its `[coefficients]`, or one name "
        f"of it with {one}.\n"
    )


def profile_index() -> str:
    rows = [
        (
            md.link(md.code(identifier), md.key("profile", identifier)),
            f"{md.escape(profile.name_en)}<br>{md.escape(profile.name_zh)}",
            md.escape(profile.level),
            md.escape(profile.kind),
            ", ".join(map(md.escape, profile.folders[1:])),
            str(sum(not rule.off for rule in profile.rules.values())),
        )
        for identifier, profile in catalogue.profiles().items()
    ]
    return md.page(
        md.heading(1, "Profiles"),
        "A profile is a standard as data: what it counts, where, by which method, with which values. See "
        "{doc}`/add-a-province`.\n",
        md.table(("profile", "name", "level", "kind", "extends", "services"), rows, right=("services",)),
        md.toctree(catalogue.profiles()),
    )


def profile_page(profile: Profile) -> str:
    """One profile: what it counts, where, by which methods, and what about it is provisional."""
    own = read_toml(data_folder() / profile.id / "profile.toml")
    facts = [
        f"Level: {PROVISIONAL if profile.level == 'provisional' else md.escape(profile.level)}",
        f"Kind: {md.escape(profile.kind)}"
        + (": quantities without prices" if profile.kind == "physical" else ": quantities and their value"),
        f"Source: {source_link(profile.source)}" if profile.source else "",
        "Chain: " + " → ".join(folder_link(folder) for folder in profile.folders) + " → common",
        f"A service needs inputs on {profile.min_coverage:.0%} of its area",
        f"Prices move by {md.code(profile.price_index)}" if profile.kind == "monetary" and profile.price_index else "",
        "Prices that do not move: " + ", ".join(map(md.code, profile.unmoved_prices)) if profile.unmoved_prices else "",
        "The study declares what comes from ecosystems outside its area" if profile.imports else "",
        "Left out of what it extends: " + ", ".join(map(service_link, own["without"])) if own.get("without") else "",
    ]
    tables = [
        table
        for folder in (*profile.folders, "common")
        for table in catalogue.coefficient_tables()
        if table.folder == folder
    ]
    return md.page(
        md.heading(1, f"{md.code(profile.id)}: {md.escape(profile.name_en)}", md.key("profile", profile.id)),
        f"{md.escape(profile.name_zh)}\n",
        md.bullets(fact for fact in facts if fact),
        f"{md.rich(profile.note)}\n" if profile.note else "",
        _matrix(profile),
        _methods(profile),
        _component_cells(profile),
        _overlaps(profile),
        md.page(md.heading(2, "Provisional"), md.bullets(map(md.rich, profile.provisional)))
        if profile.provisional
        else "",
        md.page(
            md.heading(2, "Tables"),
            "Coefficients, the nearest first: "
            + ", ".join(
                md.link(md.escape(f"{table.folder}/{table.name}"), table_target(table.folder, table.name))
                for table in tables
            )
            + ".\n",
        ),
        _references([profile.source]),
        wide=True,
    )


def _matrix(profile: Profile) -> str:
    rows = []
    for category in CATEGORIES:
        rules = [(service, rule) for service, rule in profile.rules.items() if rule.category == category]
        if rules:
            rows.append(
                (
                    f"**{md.escape(label(category, 'en'))}** ({md.escape(label(category, 'zh'))})",
                    *("" for _ in ECOSYSTEMS),
                    "",
                    "",
                )
            )
        for service, rule in rules:
            cells = matrix(rule)
            marks = [MATRIX_MARKS.get(cells.get(ecosystem, ""), " ") for ecosystem in ECOSYSTEMS]
            state = "off" if rule.off else "required" if rule.is_required else "optional"
            missing = "" if service in SERVICES else " (no equation yet)"
            rows.append((service_link(service), *marks, state + missing, md.rich(rule.clause)))
    columns = ("service", *(md.escape(label(ecosystem, "en")) for ecosystem in ECOSYSTEMS), "state", "clause")
    key = "● counted   ◐ some of its classes   ○ only with coefficients of the study\n"
    return md.page(md.heading(2, "What counts where"), key, md.table(columns, rows))


def _methods(profile: Profile) -> str:
    rows = []
    for service, rule in profile.rules.items():
        switches = SERVICES[service].settings(rule.methods) if service in SERVICES else rule.methods
        chosen = "<br>".join(f"{md.code(name)} = {md.code(option)}" for name, option in switches.items())
        only = f"<br>only {', '.join(map(md.code, rule.only))}" if rule.only else ""
        note = " ".join(md.rich(text) for text in (f"Off: {rule.off}." if rule.off else "", rule.note) if text)
        rows.append((service_link(service), chosen + only, note))
    return md.page(md.heading(2, "Methods and notes"), md.table(("service", "switches", "note"), rows))


def _component_cells(profile: Profile) -> str:
    """Components that count elsewhere than their service."""
    rows = []
    for service, rule in profile.rules.items():
        for component, cells in rule.components.items():
            rows.append(
                (
                    service_link(service),
                    md.code(component),
                    ", ".join(map(md.escape, cells.get("counts", ()))),
                    ", ".join(map(md.escape, cells.get("if_supplied", ()))),
                )
            )
    table = md.table(("service", "component", "counts", "only with coefficients of the study"), rows)
    return md.page(md.heading(2, "Components with cells of their own"), table) if rows else ""


def _overlaps(profile: Profile) -> str:
    """The overlapping flows that the profile counts together, and why it may."""
    rows = [
        (" + ".join(map(flow, overlaps()[name].flows)), md.rich(overlaps()[name].why), md.rich(reason))
        for name, reason in profile.overlaps.items()
    ]
    if not rows:
        return ""
    text = (
        f"Flows that overlap and are counted together nevertheless; any others of the {md.link('list', 'overlaps')} "
        "are an error.\n"
    )
    return md.page(
        md.heading(2, "Overlaps"), text, md.table(("flows", "overlap since", "counted together because"), rows)
    )


def overlaps_page() -> str:
    """Flows that count the same thing, which of them an account may have."""
    rows = [(*overlap_row(overlap), source_link(overlap.source)) for overlap in overlaps().values()]
    return md.page(
        md.heading(1, "Overlaps", "overlaps"),
        "Flows that count the same thing. An account that has all flows of a line in its total fails its check, "
        "unless its profile says why. A single flow is a "
        "supporting service: what it gives is already in the services that people receive.\n",
        md.table((*OVERLAP_COLUMNS, "source"), rows),
        wide=True,
    )


def study_inputs_page() -> str:
    """What a study gives itself, since no published value would do."""
    users = catalogue.users_of()
    rows = [
        (
            md.mark(md.code(name), md.key("study-input", name))
            + f"<br>{md.escape(row['label_en'])} ({md.escape(row['label_zh'])})",
            md.unit(row["unit"]),
            md.rich(row["reason"]),
            ", ".join(
                shown.table_link(table.folder, table.name, name)
                for table in catalogue.tables_of(name)
                if table.folder != "alternatives"
            ),
            ", ".join(
                shown.table_link(table.folder, table.name, name, f"@{table.name}")
                for table in catalogue.tables_of(name)
                if table.folder == "alternatives"
            ),
            ", ".join(map(shown.link, users.get(name, ()))),
        )
        for name, row in catalogue.study_inputs().items()
    ]
    return md.page(
        md.heading(1, "Study inputs"),
        "Numbers that have no defensible default, everywhere or for some classes: a study gives them in its own "
        "coefficients, "
        "or takes a published set of alternatives in words.\n",
        md.table(("input", "unit", "why", "shipped for some", "alternatives", "used by"), rows),
        wide=True,
    )


def classes_page() -> str:
    """Ecosystems and their land classes."""
    blocks = [
        md.heading(1, "Ecosystems and land classes"),
        "What a cell can be. A class that has no value of its own takes that of its broader class, then that of "
        "its ecosystem.\n",
    ]
    rows = [row for _, row in read_csv(data_folder() / "classes.csv")]
    for ecosystem in dict.fromkeys(row["ecosystem"] for row in rows):
        cells = [
            (
                md.code(f"{ecosystem}/{row['class']}" if row["class"] else ecosystem),
                md.escape(row["label_en"]),
                md.escape(row["label_zh"]),
                md.escape(row["parent"]),
                "yes" if row["vegetated"] == "1" else "no",
                md.rich(row.get("note", "")),
            )
            for row in rows
            if row["ecosystem"] == ecosystem
        ]
        blocks += [
            md.heading(
                2, md.escape(f"{label(ecosystem, 'en')} ({label(ecosystem, 'zh')})"), md.key("ecosystem", ecosystem)
            ),
            md.table(("class", "", "中文", "broader class", "vegetated", "note"), cells),
        ]
    return md.page(*blocks)


def other_index() -> str:
    """Price indices, crosswalks and other correspondences."""
    return md.page(
        md.heading(1, "Other tables"),
        "Crosswalks from the codes of land-cover products to ecosystems, price indices, and correspondences "
        "with other classifications.\n",
        md.toctree(map(catalogue.below_data, catalogue.other_tables()), is_shown=True),
    )


def other_page(path: Path) -> str:
    """A table that holds no coefficients, as it is; crosswalks with what is known of their scheme."""
    rows = [row for _, row in read_csv(path)]
    columns = list(rows[0]) if rows else []
    about: Mapping[str, Any] = {}
    if (path.parent / "schemes.toml").is_file():
        about = read_toml(path.parent / "schemes.toml").get(path.stem, {})
    cells = [[_cell(column, row.get(column, "")) for column in columns] for row in rows]
    name = str(about.get("title") or path.stem.replace("_", " "))
    facts = [
        f"{md.escape(str(about['title_zh']))}" if about.get("title_zh") else "",
        f"Id of the scheme in `gep.toml`: {md.code(path.stem)}" if about else "",
        f"Source: {source_link(str(about['source']))}" if about.get("source") else "",
        "Assignment to ecosystems: "
        f"{PROVISIONAL if about.get('status') == 'provisional' else md.escape(str(about.get('status')))}"
        if about
        else "",
        "Codes that mean no data: " + ", ".join(str(code) for code in about["no_data"]) if about.get("no_data") else "",
    ]
    used = [row["source"] for row in rows if row.get("source")] + [str(about.get("source", ""))]
    return md.page(
        md.heading(1, md.escape(name), md.key("table", catalogue.below_data(path))),
        f"`coefficients/{catalogue.below_data(path)}.csv`\n",
        md.bullets(fact for fact in facts if fact),
        md.table([md.escape(column.replace("_", " ")) for column in columns], cells),
        _references(used),
        wide=True,
    )


def _cell(column: str, text: str) -> str:
    if column == "source":
        return source_link(text)
    if column == "unit" and text:
        return md.unit(text)
    if column == "status":
        return PROVISIONAL if text == "provisional" else md.escape(text)
    return md.code(text) if column in ("code", "ecosystem", "class", "service", "component") else md.rich(text)


def units_page() -> str:
    """How units are read, and the file that defines them."""
    definitions = _definitions((Path(units.__file__).parent / "units.txt").read_text(encoding="utf-8"))
    refused = [(md.code(text), md.rich(reason)) for text, reason in units._AMBIGUOUS.items()]
    multiples = ", ".join(
        f"{name} ({md.escape(factor.replace('(', '').replace(')', ''))})" for name, factor in units._CHINESE.items()
    )
    return md.page(
        md.heading(1, "Units"),
        "Units are text: `mm/year`, `CNY/(t*CO2)`, `t/hm2/a`, `kg m-2 s-1`, `亿立方米`. `/` reaches to the next `/` "
        "or to the end; where that is not clear, "
        "parentheses are asked for. The accounting year is a dimension of its own: nothing per second or per "
        "day becomes per year by a unit "
        "({doc}`/decisions/0003-units-and-the-accounting-year`).\n",
        md.heading(2, "Substances"),
        "Each multiplies a mass and never turns into another: " + ", ".join(md.code(tag) for tag in units.TAGS) + ".\n",
        md.heading(2, "Chinese multiples"),
        f"{multiples}: factors, not prefixes, as in 万元 and 亿立方米.\n",
        md.heading(2, "Texts that are refused"),
        "Because they could mean two things.\n",
        md.table(("text", "instead"), refused),
        *definitions,
    )


def _definitions(text: str) -> list[str]:
    """The unit definitions by the headings of their file."""
    blocks = [md.heading(2, "All definitions"), "A unit that is not here is refused.\n"]
    for group in re.split(r"\n(?=# )", text):
        title, _, body = group.partition("\n")
        rows = []
        for line in (line.strip() for line in body.split("\n")):
            parts = [part.strip() for part in line.split("=")]
            if len(parts) > 1 and not line.startswith(("#", "@", "group", "system")):
                rows.append(
                    (
                        md.code(parts[0]),
                        md.code(parts[1]),
                        ", ".join(md.code(name) for name in parts[2:] if name != "_"),
                    )
                )
        if rows:
            heading = md.heading(3, md.escape(title.lstrip("# ").partition(":")[0].capitalize()))
            blocks += [heading, md.table(("unit", "definition", "also written"), rows)]
    return blocks


def sources_page() -> str:
    """The documents behind the numbers, by kind, with the tables that cite them."""
    users: dict[str, list[str]] = {}
    for table in catalogue.coefficient_tables():
        for identifier in dict.fromkeys(row.source for row in table.rows):
            users.setdefault(identifier, []).append(
                md.link(md.escape(f"{table.folder}/{table.name}"), table_target(table.folder, table.name))
            )
    blocks = [
        md.heading(1, "Sources"),
        "The original documents. What was not read in the original says so, and what rests on it is provisional.\n",
    ]
    for kind in dict.fromkeys(str(about.get("kind", "")) for about in sources().values()):
        entries = [
            f"{md.mark(md.code(identifier), md.key('source', identifier))} {citation(about)}"
            + (f" Cited in {', '.join(users[identifier])}." if identifier in users else "")
            for identifier, about in sources().items()
            if about.get("kind", "") == kind
        ]
        blocks += [md.heading(2, md.escape(f"{kind}s".capitalize())), md.bullets(entries)]
    return md.page(*blocks)


def products_page() -> str:
    """Every public data set that a layer may name, with what is often overlooked."""
    blocks = [
        md.heading(1, "Products"),
        "Public data sets that a layer may name as its `product` ({doc}`/products`): of each variable the layer, how "
        "stored numbers are read, what a value is of in time, numbers for missing.\n",
    ]
    for name in dict.fromkeys(product.id for product in products()):
        title, *lines = describe(name).split("\n")
        shown = "".join(f"* {md.escape(line.strip().removeprefix('- '))}\n" for line in lines)
        blocks += [md.heading(2, title), shown]
    return md.page(*blocks, wide=True)


def data_problems() -> Sequence[str]:
    """What is wrong with the shipped tables: rows with a problem are not on the pages."""
    return [
        f"{table.folder}/{table.name}: {problem}"
        for table in catalogue.coefficient_tables()
        for problem in table.problems
    ]
