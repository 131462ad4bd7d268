"""The sample city under every profile: titles, what is touched, what a difference between profiles does, and what the
commands show of it.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from coarse_city import opened
from reading import same_bytes, same_explanations, written_and_read
from recomputed import check, lines_of
from typer.testing import CliRunner

from gep.account.account import Account
from gep.cli.app import app
from gep.core.messages import say
from gep.report.profiles import diff_document, profile_document
from gep.standards.profile import load_profile, profile_ids
from gep.study.sample.city import TEXT_FOLDER, sample_accounts
from gep.study.study import Study

PROFILES = profile_ids()


@pytest.fixture(scope="module")
def accounts(sample_city: Path) -> dict[str, Account]:
    """The accounts under every profile, on cells of 300 m."""
    spec = opened(sample_city).spec
    return {name: Study.from_spec(replace(spec, profile=name)).run() for name in PROFILES}


def command(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_accounts_that_commands_compare_are_those_of_the_city(sample_city):
    (account,) = sample_accounts(["hj1173-2021"])
    assert account.digest == Study.from_spec(replace(Study.open(sample_city).spec, profile="hj1173-2021")).run().digest


def test_the_default_account_is_complete_and_called_gep(accounts):
    account = accounts["ndrc-2022"]
    assert account.title() == "GEP of Sample City (synthetic) 2020"
    assert account.title("zh") == "示例市（合成数据）2020年生态产品总值（GEP）"
    assert {m.reason for m in account.about.missing} == {"off"}


@pytest.mark.parametrize("name", PROFILES)
def test_a_title_says_what_an_account_is(accounts, name):
    account, kind = accounts[name], load_profile(name).kind
    required = [m for m in account.about.missing if m.is_required]
    if kind == "physical":
        assert account.title() == "Physical account of ecosystem services"
        assert account.total() is None
    elif required:
        assert account.title() == "Sum of accounted services (partial)"
        assert "GEP" not in account.title()
    else:
        assert account.title().startswith("GEP of ")


@pytest.mark.parametrize("name", PROFILES)
def test_every_figure_recomputes(accounts, name):
    """Each service of each county and of the whole city: all its lines of arithmetic, up to the figure."""
    account = accounts[name]
    for service in load_profile(name).rules:
        for zone in (*account.about.zone_names, "_city"):
            document = account.explain(service, zone)
            check(lines_of(document))
            entries = [e for e in account.counted() if e.service == service and zone in ("_city", e.zone)]
            assert document["figure"]["value"] == (math.fsum(e.value for e in entries) if entries else None), (
                service,
                zone,
            )
            assert bool(document["figure"]["empty"]) == (not document["figure"]["quantities"] and not entries), (
                service,
                zone,
            )


@pytest.mark.parametrize("name", PROFILES)
def test_a_run_is_read_as_it_was_written(accounts, name, tmp_path):
    account = accounts[name]
    read = written_and_read(account, tmp_path / "run")
    assert same_explanations(read, account) == 4 * len(load_profile(name).rules)  # three counties and the city
    same_bytes(read, tmp_path / "run", tmp_path / "again")


@pytest.mark.parametrize("name", PROFILES)
def test_every_way_of_adding_up_gives_the_total(accounts, name):
    account = accounts[name]
    if account.total() is None:
        return
    for key in ("zone", "service", "ecosystem", "category"):
        assert math.fsum(account.totals(key).values()) == pytest.approx(account.total(), rel=1e-12)
    values = [
        row["value"]
        for row in account.rows()
        if row["measure"] == "value" and row["counted"] and row["value"] is not None
    ]
    assert math.fsum(values) == account.total()


@pytest.mark.parametrize("name", PROFILES)
def test_quantity_times_price_is_value(accounts, name):
    """In the units that are written: no row of the tidy account contradicts its own price."""
    for entry in accounts[name].entries:
        if None not in (entry.quantity, entry.price, entry.value) and entry.price_unit and "output" not in entry.method:
            product = entry.quantity * entry.price
            if entry.value and product:
                ratio = math.log10(abs(entry.value / product))
                assert ratio == pytest.approx(round(ratio), abs=1e-9), entry  # t and kg, m2 and hm2: powers of ten only


@pytest.mark.parametrize("name", PROFILES)
def test_one_row_per_key(accounts, name):
    keys = ["area_code", "ecosystem_type", "land_class", "service", "component", "measure"]
    rows = [tuple(row[key] for key in keys) for row in accounts[name].rows()]
    assert len(rows) == len(set(rows))


def test_the_forest_profile_touches_forest_only(accounts):
    account = accounts["forest-gbt38582"]
    assert {e.ecosystem for e in account.entries if not e.is_area} == {"forest"}
    assert set(account.totals("category")) == {"supporting", "regulating", "provisioning", "cultural"}


def test_the_standard_of_the_ministry_is_physical(accounts):
    assert all(e.value is None and e.price is None for e in accounts["hj1173-2021"].entries)
    assert {e.component for e in accounts["hj1173-2021"].entries if not e.is_area} == {
        "retained_water",
        "retained_soil",
        "retained_sand",
    }


def test_seea_has_no_oxygen_and_products_at_resource_rent(accounts):
    account = accounts["seea-ea"]
    assert "oxygen_release" not in account.totals("service")
    # County A, crops: output 116.9 million CNY less costs of 5030, 3510 and 700 万元 (statistics.csv), cost by cost in
    # proportion to output
    by_zone = {key: value for key, value, _ in account.by("zone", "service")}
    output = 5200 * 2400 + 9100 * 2150 + 1150 * 2900 + 6200 * 4600 + 53e6
    costs = sum(
        _table(account, f"{cost}/crop_products") for cost in ("intermediate_consumption", "labour_cost", "capital_cost")
    )
    assert by_zone["990101", "crop_products"] == pytest.approx(output - costs, rel=1e-12)


def _table(_: Account, item: str) -> float:
    rows = (line.split(",") for line in (TEXT_FOLDER / "statistics.csv").read_text(encoding="utf-8").splitlines())
    return next(float(row[3]) * 1e4 for row in rows if row[:2] == ["990101", item])


def test_the_imports_declaration_is_taken_off(accounts):
    """120 and 260 万元 of livestock products: the only difference to ndrc-2022."""
    plain, net = accounts["ndrc-2022"].total(), accounts["gbt46869-2025"].total()
    assert net == pytest.approx(plain - 3_800_000, rel=1e-12)


def test_shandong_counts_oxygen_and_water_and_no_noise(accounts):
    values = accounts["shandong-2022"].totals("service")
    assert {"oxygen_release", "water_supply"} <= set(values)
    assert not {"noise_attenuation", "landscape_premium"} & set(values)


def test_every_profile_explains_what_it_counts_twice(accounts):
    for name, account in accounts.items():
        assert not [p for p in account.about.problems if p.code == "D01"], name


# what is shown --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_show(name, language):
    text = command("profiles", "show", name, "--lang", language)
    profile = load_profile(name)
    assert profile.name_zh in text
    assert say(f"data.level.{profile.level}").to(language) in text
    document = json.loads(command("profiles", "show", name, "--json"))
    assert set(document["services"]) == set(profile.rules)
    assert document == json.loads(json.dumps(profile_document(profile)))


@pytest.mark.parametrize(("one", "other"), [("ndrc-2022", other) for other in PROFILES if other != "ndrc-2022"])
def test_diff_of_documents(accounts, one, other):
    document: dict[str, Any] = diff_document(load_profile(one), load_profile(other), (accounts[one], accounts[other]))
    assert document["profiles"] == [one, other]
    effect = document["sample_city"]
    assert effect["total"] == [accounts[one].total(), accounts[other].total()]
    for service, (first, _) in effect["by_service"].items():
        assert first == accounts[one].totals("service").get(service)
    json.dumps(document)


def test_a_profile_does_not_differ_from_itself():
    profile = load_profile("ndrc-2022")
    document = diff_document(profile, profile)
    assert (document["services"], document["coefficients"], document["only_in_first"], document["only_in_second"]) == (
        {},
        [],
        [],
        [],
    )


def test_diff_says_what_differs_and_what_it_does(accounts, monkeypatch):
    """The accounts of the city are those of this module: to compute them six times more would take a minute and show
    nothing.
    """
    monkeypatch.setattr(
        "gep.study.sample.city.sample_accounts",
        lambda profiles, progress=None: [accounts[profile] for profile in profiles],
    )
    text = command("profiles", "diff", "ndrc-2022", "gbt46869-2025")
    assert "imports: — → declared" in text
    assert "-3.80" in text
    assert "GEP of Sample City (synthetic) 2020" in text
    document = json.loads(command("profiles", "diff", "ndrc-2022", "shandong-2022", "--json"))
    assert document["only_in_first"] == ["noise_attenuation", "landscape_premium"]
    assert document["services"]["oxygen_release"]["off"][1] == ""
    coefficient = json.loads(command("profiles", "diff", "cas-2010", "ndrc-2022", "--json"))["coefficients"]
    assert {
        "coefficient": "carbon_price",
        "first": "380 CNY/(t*CO2) (2010)",
        "second": "55.93 CNY/(t*CO2) (2022)",
    } in coefficient
