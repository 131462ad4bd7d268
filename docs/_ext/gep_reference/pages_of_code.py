"""Pages of what is code: services, derivations, equations whose units are not proved."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import ModuleType

import gep.derivations
from gep.core.catalog import (
    CATEGORIES,
    CellComponent,
    Component,
    Service,
    Switch,
    UnitComponent,
    label,
    layer_kinds,
    service_ids,
)
from gep.core.equation import Equation
from gep.derivations import DERIVATIONS
from gep.services import SERVICES, money
from gep.standards.overlaps import Overlap, overlaps
from gep_reference import catalogue
from gep_reference import equations as shown
from gep_reference import markdown as md

OTHER_PAGES = (
    "profiles/index",
    "coefficients/index",
    "derivations/index",
    "stocks/index",
    "money",
    "layers",
    "products",
    "items",
    "classes",
    "study_inputs",
    "codes",
    "overlaps",
    "tables/index",
    "units",
    "unproved",
    "sources",
)


def docstring(module: ModuleType | None) -> str:
    """The words at the head of a module."""
    return "\n\n".join(md.rich(part) for part in (inspect.getdoc(module) or "").split("\n\n")) + "\n" if module else ""


def category_of(service: str) -> str:
    """The category in which the profiles count a service; "" where none counts it."""
    return next((p.rules[service].category for p in catalogue.profiles().values() if service in p.rules), "")


def profiles_of(service: str) -> str:
    """The profiles that have a service, with "off" where they do not count it by default."""
    return ", ".join(
        md.link(md.escape(identifier), md.key("profile", identifier)) + (" (off)" if profile.rules[service].off else "")
        for identifier, profile in catalogue.profiles().items()
        if service in profile.rules
    )


def service_link(service: str) -> str:
    return md.link(md.escape(label(service, "en")), md.key("service", service))


def index() -> str:
    """All services by category, and what else there is in the reference."""
    blocks = [
        md.heading(1, "Reference"),
        "Written from the declarations: the equations, tables and profiles that gep computes with are what "
        "stands here.\n",
    ]
    for category in (*CATEGORIES, ""):
        rows = [
            (
                service_link(service),
                md.escape(label(service, "zh")),
                md.code(service),
                profiles_of(service),
                _extent(service),
            )
            for service in service_ids()
            if category_of(service) == category
        ]
        if rows:
            name = f"{label(category, 'en')} ({label(category, 'zh')})" if category else "In no profile"
            blocks += [md.heading(2, md.escape(name)), md.table(("service", "", "id", "profiles", "equations"), rows)]
    ordered = [
        service for category in (*CATEGORIES, "") for service in service_ids() if category_of(service) == category
    ]
    blocks += [
        md.heading(2, "Profiles, tables, vocabularies"),
        md.toctree(OTHER_PAGES, is_shown=True),
        md.toctree(f"services/{service}" for service in ordered),
    ]
    return md.page(*blocks, wide=True)


def _extent(service: str) -> str:
    return str(len(catalogue.equations_of_service(SERVICES[service]))) if service in SERVICES else "none yet"


def service_page(identifier: str) -> str:
    """All that the declarations say of one service."""
    service = SERVICES.get(identifier)
    category = category_of(identifier)
    head = [
        md.heading(
            1, md.escape(f"{label(identifier, 'en')} ({label(identifier, 'zh')})"), md.key("service", identifier)
        ),
        f"{md.code(identifier)}, {md.escape(label(category, 'en').lower()) if category else 'in no profile'}.\n",
    ]
    if service is None:
        return md.page(
            *head,
            "This version of gep has no equation for it yet: where a profile counts it, it is reported as missing.\n",
            _rules(identifier),
        )
    return md.page(
        *head,
        docstring(catalogue.module_of(service)),
        _switches(service),
        _components(service),
        _products(service),
        _rules(identifier),
        _inputs(service),
        _equations(service),
        _derivations(service),
        _coefficients(service),
        _overlaps(identifier),
    )


def _switches(service: Service) -> str:
    if not service.switches:
        return ""
    rows = [
        (md.code(name), _options(service.id, name, switch), md.rich(switch.meaning))
        for name, switch in service.switches.items()
    ]
    name, switch = next(iter(service.switches.items()))
    example = md.code(f'{service.id}.{name} = "{switch.options[-1]}"')
    intro = (
        f"A study chooses in `[methods]` of its `gep.toml`, like {example}. The first option is the default; "
        "profiles that choose it are named.\n"
    )
    return md.page(md.heading(2, "Switches"), intro, md.table(("switch", "options", "what it decides"), rows))


def _options(service: str, name: str, switch: Switch) -> str:
    """The options of a switch, with the profiles that take them."""
    takers: dict[str, list[str]] = {}
    for identifier, profile in catalogue.profiles().items():
        if service in profile.rules:
            takers.setdefault(profile.rules[service].methods.get(name, switch.default), []).append(identifier)
    return "<br>".join(
        md.code(option) + (f" ({', '.join(md.escape(taker) for taker in takers[option])})" if option in takers else "")
        for option in switch.options
    )


def _components(service: Service) -> str:
    rows = []
    for component, settings in catalogue.variants(service):
        when = shown.in_words(catalogue.condition(settings, service)) or "always"
        rows.append((_component_name(component), _quantity(component), _price(component), when))
    if not rows:
        return ""
    several = len({component.id for component, _ in catalogue.variants(service)}) < len(rows)
    intro = "A component with several lines is computed by one of them, as the switches say.\n" if several else ""
    return md.page(md.heading(2, "Components"), intro, md.table(("component", "quantity", "value", "if"), rows))


def _component_name(component: Component) -> str:
    names = [label(component.id, language) for language in ("en", "zh")]
    text = "" if names[0] == component.id else f"<br>{md.escape(f'{names[0]} ({names[1]})')}"
    return md.code(component.id) + text


def _item(name: str) -> str:
    return md.link(md.code(name), md.key("item", name)) if name in catalogue.items() else md.code(name)


def _quantity(component: Component) -> str:
    """How the quantity of a component comes about, in words."""
    parts = [f"in {md.unit(component.unit)}"]
    if isinstance(component, CellComponent):
        parts.append(f"{shown.link(component.density)} on every cell, integrated over area")
        if component.limit:
            parts.append(f"never more than {_item(component.limit)}")
        if component.clip:
            parts.append(f"a negative total of a {md.escape(component.clip)} counts as zero")
    elif isinstance(component, UnitComponent):
        of = {"feature": "each named part", "all": "all zones together"}.get(component.per, "each zone")
        parts.append(
            f"{shown.link(component.total)} on the totals of {of}, where {_item(component.extent)} says what there is"
        )
        if component.patches:
            patches = ", ".join(md.code(name) for name in component.patches)
            parts.append(f"without a table, connected patches of {patches} are the parts")
    else:
        parts.append(f"what the tables report as {_item(component.extent)}")
    parts += [
        f"{md.code(argument)} is looked up as {md.code(name)}"
        for argument, name in component.wiring.items()
        if argument != name
    ]
    return "; ".join(parts)


def _price(component: Component) -> str:
    money = component.money
    if money is None:
        return "none: a physical figure"
    made = f", made by {shown.link(money.pricing)}" if money.pricing else ""
    concept = md.escape(money.concept.replace("_", " "))
    return f"{shown.link(money.value)} with {md.code(money.price)}{made} ({concept})"


def _products(service: Service) -> str:
    if not service.products:
        return ""
    rows = [(md.unit(kind.unit), shown.link(kind.value)) for kind in service.products]
    text = (
        f"What the tables report as {md.code(service.id)} or `{service.id}/<product>`: an output value, or a "
        "quantity and a price.\n"
    )
    return md.page(md.heading(2, "Products"), text, md.table(("quantity in", "valued by"), rows))


def _rules(service: str) -> str:
    """What each profile says of a service."""
    rows = []
    for identifier, profile in catalogue.profiles().items():
        if rule := profile.rules.get(service):
            state = "off" if rule.off else "required" if rule.is_required else "optional"
            counts = ", ".join(md.escape(cell) for cell in rule.counts)
            more = (
                "<br>only with coefficients of the study: " + ", ".join(md.escape(cell) for cell in rule.if_supplied)
                if rule.if_supplied
                else ""
            )
            only = f"<br>only {', '.join(md.code(name) for name in rule.only)}" if rule.only else ""
            note = "; ".join(md.rich(text) for text in (rule.off, rule.note) if text)
            rows.append(
                (
                    md.link(md.escape(identifier), md.key("profile", identifier)),
                    state,
                    f"{counts}{more}{only}",
                    md.rich(rule.clause),
                    note,
                )
            )
    if not rows:
        return ""
    return md.page(md.heading(2, "Where it counts"), md.table(("profile", "", "ecosystems", "clause", "note"), rows))


def _looked_up(service: Service) -> dict[str, dict[Equation, str]]:
    """The names that the equations of a service look up, with the equations and the unit. What a component or a price
    makes is no input.
    """
    found: dict[str, dict[Equation, str]] = {}
    for use in catalogue.uses(service):
        component, money = use.component, use.component.money
        own = {component.quantity} if use.slot == "value" else set()
        own |= {money.price} if use.slot == "value" and money and money.pricing else set()
        for argument, unit in use.equation.units.items():
            name = component.looked_up(argument)
            if argument not in own and name not in catalogue.from_the_engine() and name not in catalogue.densities():
                found.setdefault(name, {})[use.equation] = unit
    return found


def _inputs(service: Service) -> str:
    """What the equations look up directly, and where it comes from if a study does not give it."""
    rows, required = [], []
    for name, users in _looked_up(service).items():
        derived = [shown.link(derivation.equation) for derivation in catalogue.derivations_of(name)]
        having = [
            identifier for identifier, profile in _counting(service.id).items() if catalogue.rows_in(profile, name)
        ]
        given = [
            *([md.link("layer", md.key("layer", name))] if catalogue.is_layer(name) else []),
            *([md.link("table item", md.key("item", name))] if name in catalogue.items() else []),
        ]
        given = given or ["coefficient"]
        otherwise = [*(["derived by " + ", ".join(derived)] if derived else [])]
        if having:
            otherwise.append(f"coefficient of {_share(len(having), len(_counting(service.id)))}")
        if not otherwise:
            required.append(name)
        rows.append(
            (
                md.code(name),
                md.unit(next(iter(users.values()))),
                " or ".join(given),
                "; ".join(otherwise) or _study_input(name),
                ", ".join(shown.link(equation) for equation in users),
            )
        )
    if not rows:
        return ""
    text = (
        "Nothing shipped stands in for these; which of them are needed depends on the switches: "
        + ", ".join(map(md.code, required))
        + ".\n"
        if required
        else "Everything has a shipped value or can be derived; what a study gives replaces it.\n"
    )
    table = md.table(("input", "unit", "given as", "if it is not given", "needed by"), rows)
    return md.page(md.heading(2, "Inputs"), text, table)


def _study_input(name: str) -> str:
    """That a study gives it, and why nothing else does."""
    reason = catalogue.study_inputs().get(name, {}).get("reason", "")
    return md.styled("study input", "study-input") + (f": {md.rich(reason)}" if reason else "")


def _share(having: int, of: int) -> str:
    return (
        "every profile that has the service" if having == of else f"{having} of the {of} profiles that have the service"
    )


def _counting(service: str) -> Mapping[str, catalogue.Profile]:
    return {identifier: profile for identifier, profile in catalogue.profiles().items() if service in profile.rules}


def _equations(service: Service) -> str:
    blocks = [md.heading(2, "Equations")]
    for equation in catalogue.equations_of_service(service):
        mine = [use for use in catalogue.uses(service) if use.equation is equation]

        def find(name: str, mine: list[catalogue.Use] = mine) -> str:
            texts = []
            for use in mine:
                component, money = use.component, use.component.money
                if use.slot == "value" and name == component.quantity:
                    texts.append("the quantity")
                elif use.slot == "value" and money and name == money.price and money.pricing:
                    texts.append(f"made by {shown.link(money.pricing)}")
                else:
                    other = component.looked_up(name)
                    texts.append(shown.origin(other) if other == name else f"{md.code(other)}: {shown.origin(other)}")
            return "<br>".join(dict.fromkeys(texts)) or shown.origin(name)

        home = next(other for other in SERVICES.values() if equation in catalogue.equations_of_service(other))
        blocks.append(shown.show(equation, 3, find, _roles(mine, service, equation), is_home=home is service))
    return md.page(*blocks) if len(blocks) > 1 else ""


def _roles(mine: list[catalogue.Use], service: Service, equation: Equation) -> list[str]:
    """For what an equation stands in a service."""
    words = {"density": "quantity on cells", "total": "quantity from totals", "value": "value", "pricing": "unit price"}
    roles: dict[str, list[str]] = {}
    for use in mine:
        names = roles.setdefault(words[use.slot], [])
        if use.component.id not in names:
            names.append(use.component.id)
    if any(kind.value is equation for kind in service.products):
        roles.setdefault("value of products", [])
    texts = [
        role + (f" of {', '.join(md.code(name) for name in names)}" if names else "") for role, names in roles.items()
    ]
    return [f"*{'; '.join(texts)[:1].upper()}{'; '.join(texts)[1:]}.*"] if texts else []


def _derivations(service: Service) -> str:
    """The derivations that the service may use, whatever its switches."""
    named = [(use.equation, use.component.wiring) for use in catalogue.uses(service)]
    _, ways = catalogue.reachable(named)
    rows = [
        (
            md.code(way.makes),
            shown.link(way.equation),
            md.rich(way.equation.summary),
            f"{md.code(way.switch or way.makes)} is {' or '.join(map(md.code, way.options))}" if way.options else "",
        )
        for way in sorted(ways, key=lambda way: way.makes)
    ]
    if not rows:
        return ""
    text = "What it can make from other layers, directly or in several steps, where it is not given:\n"
    return md.page(md.heading(2, "Derivations"), text, md.table(("makes", "by", "", "if"), rows))


def _coefficients(service: Service) -> str:
    """The coefficients that the service may use, with what each profile has."""
    named = [(use.equation, use.component.wiring) for use in catalogue.uses(service)]
    names, _ = catalogue.reachable(named)
    counting = _counting(service.id)
    rows = []
    for name in sorted(name for name in names if catalogue.tables_of(name)):
        cells = [_value_in(profile, name) for profile in counting.values()]
        rows.append((md.code(name), *cells))
    if not rows or not counting:
        return ""
    text = (
        "The values that the profiles have, for its equations and for the derivations above. A value of the study "
        "comes before all of them.\n"
    )
    columns = (
        "coefficient",
        *(md.link(md.escape(identifier), md.key("profile", identifier)) for identifier in counting),
    )
    return md.page(md.heading(2, "Coefficients"), text, md.table(columns, rows))


def _value_in(profile: catalogue.Profile, name: str) -> str:
    found = catalogue.rows_in(profile, name)
    count = sum(len(rows) for _, rows in found)
    if count == 1:
        table, (row,) = found[0]
        return shown.table_link(
            table.folder, table.name, name, f"{md.number(row.value)} {md.unit(row.unit)}".removesuffix(" 1")
        )
    return ", ".join(
        shown.table_link(table.folder, table.name, name, f"{len(rows)} in {table.folder}") for table, rows in found
    )


def flow(text: str) -> str:
    """A flow of an overlap: a service, or a component of one."""
    service, _, component = text.partition("/")
    return service_link(service) + (f" ({md.escape(label(component, 'en'))})" if component else "")


def explained_by(overlap: str) -> dict[str, str]:
    """The profiles that count the flows of an overlap together, with the reason."""
    return {
        identifier: profile.overlaps[overlap]
        for identifier, profile in catalogue.profiles().items()
        if overlap in profile.overlaps
    }


def overlap_row(overlap: Overlap) -> tuple[str, str, str, str]:
    """An overlap in the cells of a table: flows, why they overlap, the rule, profiles that count them together."""
    reasons: dict[str, list[str]] = {}
    for identifier, reason in explained_by(overlap.id).items():
        reasons.setdefault(reason, []).append(md.link(md.escape(identifier), md.key("profile", identifier)))
    together = "<br>".join(f"{', '.join(links)}: {md.rich(reason)}" for reason, links in reasons.items())
    return " + ".join(map(flow, overlap.flows)), md.rich(overlap.why), md.rich(overlap.rule), together


OVERLAP_COLUMNS = ("flows", "overlap since", "rule", "counted together by")


def _overlaps(service: str) -> str:
    """The other flows that count the same thing."""
    mine = [overlap for overlap in overlaps().values() if service in [text.partition("/")[0] for text in overlap.flows]]
    if not mine:
        return ""
    text = f"Flows that must not stand in one total without a reason ({md.link('all', 'overlaps')}).\n"
    return md.page(md.heading(2, "Overlaps"), text, md.table(OVERLAP_COLUMNS, map(overlap_row, mine)))


def derivation_index() -> str:
    """The groups of derivations, and every layer that can be made."""
    rows = [
        (
            md.link(md.code(way.makes), md.key("layer", way.makes))
            if catalogue.is_layer(way.makes)
            else md.code(way.makes),
            shown.link(way.equation),
            f"{md.code(way.switch or way.makes)} is {' or '.join(map(md.code, way.options))}" if way.options else "",
            md.rich(way.note) + (f" {md.styled('provisional', 'provisional')}" if way.is_provisional else ""),
        )
        for way in DERIVATIONS
    ]
    return md.page(
        md.heading(1, "Derivations"),
        "A layer that is not given can be made from others. Of several ways the first whose inputs are there is "
        "taken, unless a switch chooses.\n",
        md.toctree(derivation_groups(), is_shown=True),
        md.table(("makes", "by", "if", "note"), rows),
        wide=True,
    )


def derivation_page(name: str, module: ModuleType) -> str:
    """One group of derivations."""
    blocks = [
        md.heading(1, f"Derivations: {md.escape(name.replace('_', ' '))}", md.key("derivations", name)),
        docstring(module),
    ]
    for equation in catalogue.equations_of(module):
        ways = [way for way in DERIVATIONS if way.equation is equation]
        around = ", ".join(dict.fromkeys(way.of_neighbours for way in ways if way.of_neighbours))

        def find(argument: str, around: str = around) -> str:
            return (
                f"the layer {md.link(md.code(around), md.key('layer', around))} around the cell"
                if around
                else shown.origin(argument)
            )

        facts = [" ".join(shown.derivation_facts(way)) for way in ways]
        blocks.append(shown.show(equation, 2, find, facts))
    return md.page(*blocks)


def money_page() -> str:
    """Equations of money that belong to no one service."""
    blocks = [md.heading(1, "Money"), docstring(money)]
    blocks += [shown.show(equation, 2, shown.origin, []) for equation in catalogue.equations_of(money)]
    return md.page(*blocks)


def derivation_groups() -> Mapping[str, ModuleType]:
    """The groups of derivations: modules that define equations."""
    return {
        name: module for name, module in catalogue.modules(gep.derivations).items() if catalogue.equations_of(module)
    }


def unproved() -> str:
    """Every equation whose units are not proved, with the reason."""
    rows = [
        (shown.link(equation), md.escape(catalogue.module_name(equation)), md.rich(equation.reason))
        for equation in catalogue.all_equations()
        if not equation.is_proved
    ]
    count = len(catalogue.all_equations())
    text = (
        f"Of {count} equations {count - len(rows)} are proved when they are imported: plain numbers, the declared "
        "units and base units give the same result.\n"
    )
    more = (
        "The others are tested by giving the same data in other units:\n"
        if rows
        else "There is none without a proof.\n"
    )
    return md.page(
        md.heading(1, "Equations without a proof of their units"),
        text,
        more,
        md.table(("equation", "in", "why not"), rows),
    )


def layers_page() -> str:
    """The vocabulary of input layers."""
    users = catalogue.users_of()
    rows = []
    for name, kind in layer_kinds().items():
        derived = ", ".join(shown.link(way.equation) for way in catalogue.derivations_of(name))
        rows.append(
            (
                md.mark(md.code(name), md.key("layer", name))
                + f"<br>{md.escape(kind.label_en)} ({md.escape(kind.label_zh)})",
                md.unit(kind.unit),
                _range(kind.low, kind.high),
                _range(kind.usual_low, kind.usual_high),
                derived,
                ", ".join(shown.link(equation) for equation in users.get(name, ())),
            )
        )
    return md.page(
        md.heading(1, "Layers"),
        "The names that a study gives its rasters. A value outside the limits cannot be real and stops the run; "
        "one outside the usual range is warned about. "
        "The unit is what the engine works in: a study may give any unit of the same kind.\n",
        md.table(("layer", "unit", "limits", "usual", "derived by", "used by"), rows),
        wide=True,
    )


def _range(low: float, high: float) -> str:
    if low == float("-inf") and high == float("inf"):
        return ""
    return f"{'' if low == float('-inf') else md.number(low)} … {'' if high == float('inf') else md.number(high)}"


def items_page() -> str:
    """The table items."""
    users = catalogue.users_of()
    rows = [
        (
            md.mark(md.code(name), md.key("item", name))
            + f"<br>{md.escape(row['label_en'])} ({md.escape(row['label_zh'])})",
            md.unit(row["unit"]),
            " … ".join((row["low"], row["high"])) if row["low"] or row["high"] else "",
            ", ".join(shown.link(equation) for equation in users.get(name, ())),
        )
        for name, row in catalogue.items().items()
    ]
    return md.page(
        md.heading(1, "Table items"),
        "What a study may report in its tables, by zone or (`_city`) for the whole area. A name after a slash "
        "names a part: `lake_area/hulun`.\n",
        md.table(("item", "unit", "limits", "used by"), rows),
        wide=True,
    )
