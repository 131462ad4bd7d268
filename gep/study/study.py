"""A study: inputs, profile and choices, from which an account is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import xarray as xr

from gep.account import checks as of_account
from gep.account.account import Account
from gep.account.accounts import Accounts
from gep.account.basis import Basis
from gep.account.foreseen import foreseen
from gep.account.record import FilesRecord, StudyRecord
from gep.core.catalog import MEASURES, Measure
from gep.core.errors import InputError, Problem, idle_waivers, waived
from gep.engine import checks as of_cells
from gep.engine.loop import Loop, choose_loop
from gep.engine.maps import write_maps
from gep.engine.run import Progress, run
from gep.engine.sample import chosen_squares
from gep.engine.windows import MEMORY, decoded_again
from gep.inputs.fingerprints import changes_since
from gep.inputs.grids.grid import SQUARE
from gep.inputs.lock import read_lock
from gep.inputs.open import Inputs
from gep.inputs.project import read_project
from gep.inputs.spec import StudySpec, spec_of_project
from gep.plan.planner import make_plan
from gep.standards.profile import Profile
from gep.study.arguments import check_study
from gep.study.computed import Computed, cores
from gep.study.conversion import MEAN, Turned, changed_sums
from gep.study.densities import densities_of_study
from gep.study.given import check_remote, layers_given, spec_given, with_more, zones_given
from gep.study.page import page_of
from gep.study.register import parts_that_travel, register
from gep.study.run_record import description_of, files_of, identity_of
from gep.study.scenario import Scenario, converted, land_turned
from gep.study.stack import (
    accounts_of,
    accounts_together,
    along,
    in_each_year,
    points_of,
    spec_at,
    told_once,
)

if TYPE_CHECKING:
    from gep.account.uncertain.result import Uncertainty

_ONLY_FIGURES = {code for check in (*of_account.CHECKS, *of_account.FIGURES_SINCE) for code in check.codes}
"""Codes of what only figures show."""

_ONLY_CELLS = {code for check in of_cells.CHECKS for code in check.codes}
"""Codes of what a look at some squares may miss."""


class Study(Computed):
    """Everything an account is made of. Open one from a project file, or build it from arrays and frames.

    >>> study = Study.open("gep.toml")                                          # doctest: +SKIP
    >>> study = Study(layers={"precipitation": p, "evapotranspiration": et}, land_cover=codes, scheme="clcd",
    ...               zones=counties, zone_code="adcode", year=2020)            # doctest: +SKIP

    Nothing is read before it is needed. Wrong arguments are told together, in a UsageError; what is wrong with the data
    is told by `check` and `run`.

    Args:
        layers: rasters by the name of the layer: a path or a pattern of tiles, a DataArray (numpy or dask, dimensions y
            and x in a projected or geographic system, `month` before them where the name begins with `monthly_`, `year`
            where it varies), a `LayerSpec`, which may say the product, or a mapping of years to these. The unit is in
            the `units` of the file or array, and is converted. Each layer has a grid of its own and is brought to that
            of the study.
        land_cover: codes of the land cover, a path, DataArray or `LayerSpec` of whole numbers (y, x). Its grid is that
            of the study where `grid` names no other.
        zones: what is reported on: polygons (a path, a GeoDataFrame, a GeoSeries whose index are the codes), or a
            DataArray (y, x) of labels, of which 0, empty and missing are no zone.
        profile: the standard: an id, the folder of one of your own, or what `load_profile` gives.
        year: the accounting year; several give one account each (see `accounts`).
        scheme: the legend of the land cover, an id like "clcd"; "custom" needs a `scheme_map`.
        scheme_map: ecosystem and class by code, `{1: "forest/mixed"}`; beside a scheme it replaces single codes.
        name: what the study is called; `name_zh` in Chinese.
        name_zh: the Chinese name.
        code: the code of the area, as statistics have it (a text, "150700").
        price_year: in whose year's money values are; the accounting year if not given.
        region: the region whose coefficients are preferred; of a lake region and a province both, with a comma.
        grid: another grid than that of the land cover: a system and the side of a cell in its unit,
            `("EPSG:32650", 300.0)`.
        zone_code: the column of the codes of zones.
        zone_name: the column of their names.
        zone_layer: the layer of a file of zones that has several.
        outline: polygons, as `zones`, that the area ends at; cells beyond are left out.
        coverage: how cells on a border are shared: "centre" gives a cell to the zone of its centre, "fraction" by
            area, "auto" takes fractions where centres misstate the area of a zone.
        tables: statistics by name: a path, a DataFrame (columns item, zone, value, unit, year, source), or figures
            under the name of an item: a number in its unit, `"3 万人"`, a mapping of zones to these, a Series.
        not_applicable: services that do not apply to the area and are left out, each with the reason.
        off: services that are not accounted for now, each with the reason; the account is then partial.
        does_not_occur: services whose land the land cover has none of though tables report them, each with the reason:
            what they report counts.
        price_index: a table (year, value, unit, source) of price changes, in place of the shipped index; or a mapping
            of `index` (a table with a column `index`) and `groups` (by index what follows it).
        last_year: the folder of the run of an earlier year that statistics, land and figures are compared with.
        coefficients: the study's own: a path, a DataFrame with the columns of a table, `"@set"` of published values, or
            values by name: a number in the declared unit, `"3.5 percent"`, a mapping of classes to these, a mapping
            with value, unit, price_year and source, or a DataArray whose dimensions (draw, scenario) become those of
            `accounts` and `densities`, `class` holding rows.
        methods: switches by service, `{"air_purification": {"amount": "emission"}}`.
        waivers: problems that may pass, by code, each with who says so and why.
        remote: whether paths may be addresses on servers (s3://, https://); nothing is fetched otherwise.
    """

    def __init__(
        self,
        layers: Mapping[str, Any] | None = None,
        land_cover: Any = None,
        zones: Any = None,
        profile: str | Path | Profile = "ndrc-2022",
        year: int | Sequence[int] | None = None,
        *,
        scheme: str = "custom",
        scheme_map: Mapping[str | int, str] | None = None,
        name: str = "Study",
        name_zh: str = "",
        code: str = "",
        price_year: int | None = None,
        region: str = "",
        grid: tuple[str, float] | None = None,
        zone_code: str = "code",
        zone_name: str | None = None,
        zone_layer: str | None = None,
        outline: Any = None,
        coverage: Literal["auto", "centre", "fraction"] = "auto",
        tables: Mapping[str, Any] | None = None,
        not_applicable: Mapping[str, str] | None = None,
        off: Mapping[str, str] | None = None,
        does_not_occur: Mapping[str, str] | None = None,
        price_index: str | Path | Mapping[str, Any] | None = None,
        last_year: str | Path | None = None,
        coefficients: Mapping[str, Any] | pd.DataFrame | None = None,
        methods: Mapping[str, Mapping[str, str]] | None = None,
        waivers: Mapping[str, tuple[str, str]] | None = None,
        remote: bool = False,
    ) -> None:
        given = {name: value for name, value in locals().items() if name != "self"}
        check_study(given)
        self.spec = spec_given(given)

    @classmethod
    def open(cls, path: str | Path = "gep.toml") -> Study:
        """The study that a project file describes.

        Args:
            path: `gep.toml`, or the folder that it lies in.

        Raises:
            ProjectError: with everything that is wrong in the file.
        """
        path = Path(path)
        if path.is_dir():
            path = path / "gep.toml"
        spec = spec_of_project(read_project(path), path.parent)
        return cls.from_spec(replace(spec, lock=read_lock(path.parent)))

    def by_year(self) -> dict[int, Study]:
        """The study of each of its years, by year; of one year the study itself."""
        if not self.spec.years:
            return {self.spec.year: self}
        return {year: Study.from_spec(spec) for year, spec in in_each_year(self.spec, self._dims).items()}

    def __getstate__(self) -> dict[str, Any]:
        """What it is made of, with the parts of the session; what was opened is opened again where it is wanted."""
        return {"parts": parts_that_travel(), "spec": self.spec}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for parts in state["parts"]:
            register(parts)
        self.spec = state["spec"]

    @classmethod
    def from_spec(cls, spec: StudySpec) -> Study:
        """A study of a complete specification."""
        study = cls.__new__(cls)
        study.spec = spec
        return study

    def with_zones(self, zones: Any, share_statistics: Literal["", "area"] = "") -> Study:
        """The same study reported for other zones, whose code and name columns have the same names.

        Args:
            zones: as in `Study`.
            share_statistics: what becomes of statistics of zones that are not among them: "" leaves them out, "area"
                shares them by the area that two zones have in common.
        """
        spec = self.spec
        asked = replace(spec.zones, data=zones_given(zones, spec.zones.code), layer=None)
        if asked.data is not zones:  # a series or an array has codes alone
            asked = replace(asked, name=None, name_zh=None, name_en=None)
        own = spec.zones_of_tables or spec.zones
        return Study.from_spec(replace(spec, zones=asked, zones_of_tables=own, sharing=share_statistics))

    def with_layers(self, layers: Mapping[str, Any] | None = None, *, remote: bool = False, **more: Any) -> Study:
        """The same study with other layers, or more.

        >>> study.with_layers(precipitation=1.1 * rain, evapotranspiration=None)       # doctest: +SKIP

        Args:
            layers: by name, in any form that `Study` takes; None takes one away.
            remote: whether addresses on servers are taken.
            more: the same, as arguments.
        """
        given = {**(layers or {}), **more}
        kept = {name: layer for name, layer in self.spec.layers.items() if name not in given}
        new, of_years = layers_given({name: data for name, data in given.items() if data is not None})
        others = {name: of for name, of in self.spec.of_years.items() if name not in given}
        check_remote(replace(self.spec, layers=new, of_years=of_years), {}, may_be_remote=remote)
        return Study.from_spec(replace(self.spec, layers=kept | new, of_years={**others, **of_years}))

    def convert(
        self,
        where: Any = None,
        from_: str | Sequence[str] | None = None,
        to: str = "",
        *,
        move: Sequence[str] = (),
        rule: str = "",
        share: float = 1.0,
        values: Mapping[str, Any] | None = None,
        coverage: Literal["centre", "fraction"] = "centre",
    ) -> Scenario:
        """A scenario: land of some classes becomes another one. Coefficients, and what is derived from the class, move
        with it; given layers that follow from what grows on a cell still belong to the old cover, unless `values` or
        `move` say what they are on the new one, and `Scenario.stale` says which.

        >>> study.convert(where=slopes, from_="cropland", to="forest/mixed")           # doctest: +SKIP
        >>> study.convert("parcel.gpkg", rule="lost_to_building", share=0.5, coverage="fraction")  # doctest: +SKIP

        Args:
            where: polygons (a frame, a series, a path, or a geometry in the system of the land cover), a mask of true
                and false or 1 and 0 (a DataArray or a raster file), or None for everywhere.
            from_: the classes that change, `"cropland"`, `"cropland/paddy"`, or a list; any if None.
            to: the class that they become, `"forest/mixed"`.
            move: layers that have on converted land the mean of their cells where the class `to` stands already.
            rule: what becomes what, in place of `from_` and `to`: a rule of the package or of the project,
                `"reforested"`.
            share: what part of the land changes, above 0 and at most 1: the same part of every cell.
            values: layers on the converted land by name: a number with its unit (`"450 mm/year"`), or a raster.
            coverage: of cells on the border of a polygon, "centre" takes those whole whose centre is inside,
                "fraction" what lies inside.

        Raises:
            UsageError: for a class, a rule, a share, a layer or a place that is not there, and where nothing would
                change.
            InputError: for polygons that cannot be used.
        """
        self._stop_on_dimensions()
        self._stop_on_errors(self._found_opening)
        if not (rule or values or share != 1 or coverage != "centre"):
            conversion = converted(self.inputs, where, from_, to, move)
            return Scenario(self, Study.from_spec(conversion.spec), conversion)
        given = {**dict.fromkeys(move, MEAN), **(values or {})}
        changed = land_turned(self.inputs, self._plan, where, (from_, to, rule), share, given, coverage)
        return Scenario(Study.from_spec(changed.before), None, changed)

    def before_and_after(
        self, conversion: Turned, *, threads: int | None = None, progress: Progress | None = None
    ) -> tuple[Account, Account]:
        """The account, and what it becomes once a part of its land is another: see `Scenario.accounts`.

        Args:
            conversion: that of a scenario of this study.
            threads: as in `run`, like `progress`.
            progress: called with the windows that are done.

        Raises:
            InputError: with every problem, if any is an error.
        """
        after = Study.from_spec(conversion.after)
        after._stop_on_errors(after._found_opening)
        passed = self._pass(threads, progress=progress)
        of_after = after.inputs, after._plan
        sums = changed_sums(conversion, passed.study_plan, of_after, passed.sums)
        return self._account(passed, passed.sums), self._account(passed, sums)

    def with_coefficients(self, coefficients: Mapping[str, Any] | pd.DataFrame) -> Study:
        """The same study with more coefficients of its own.

        >>> study.with_coefficients({"runoff_coefficient": {"forest": "3.5 percent"}})  # doctest: +SKIP

        Args:
            coefficients: in any form that `Study` takes; a row at the same place as one that it has already replaces
                that.

        Raises:
            InputError: with everything that is wrong with them.
        """
        return Study.from_spec(with_more(self.spec, coefficients))

    def check(
        self,
        *,
        threads: int | None = None,
        memory: float = MEMORY,
        progress: Progress | None = None,
        every_cell: bool = False,
    ) -> list[Problem]:
        """Every problem of the inputs, computing nothing: headers, zones, tables, coefficients, cells of every layer.

        Args:
            threads: as in `run`, like `memory` and `progress`.
            memory: megabytes that may be taken.
            progress: called with what is done.
            every_cell: whether all cells are looked at, and not of a large grid those of some squares.

        Returns:
            The problems in their order, errors first; none if nothing was found.
        """
        if self.spec.years:
            options: dict[str, Any] = {"threads": threads, "memory": memory, "progress": progress}
            each = self.by_year().items()
            return told_once({year: study.check(**options, every_cell=every_cell) for year, study in each})
        inputs = self.inputs
        problems = self._found_opening
        elsewhere = {p.subject for p in problems if p.code == "G02" and p.severity == "error"}
        if inputs.grid is not None and inputs.land_cover is not None and "land_cover" not in elsewhere:
            reachable = {name: layer for name, layer in inputs.layers.items() if layer.name not in elsewhere}
            study_plan = make_plan(replace(inputs, layers=reachable), all_layers=True)
            problems += study_plan.problems
            try:
                plan = replace(study_plan.plan, flows=())
                squares = None if every_cell else chosen_squares(plan.grid, plan.zones)
                sums = run(plan, threads=threads or cores(), memory=memory, progress=progress, squares=squares)
                basis = Basis(study_plan, inputs, sums)
                again = decoded_again(study_plan.plan, memory)
                problems += [*again, *self._found_in_cells(basis, threads), *foreseen(basis)]
                not_looked_for = _ONLY_FIGURES if sums.seen >= 1 else _ONLY_FIGURES | _ONLY_CELLS
                problems += list(idle_waivers(problems, self.spec.waivers, not_looked_for))
            except InputError as error:
                problems += error.problems
            problems += changes_since(inputs.stamps)
        return self._worded(waived(problems, self.spec.waivers))

    def run(
        self,
        *,
        threads: int | None = None,
        window: int | None = None,
        memory: float = MEMORY,
        client: Any = None,
        progress: Progress | None = None,
        record: bool = True,
        loop: Loop = "auto",
        keep: Path | None = None,
        resume: bool = False,
    ) -> Account:
        """Compute the account. Neither threads, window, memory nor client change a bit of it.

        Args:
            threads: of this machine; as many as it has cores if not given, fewer where `memory` asks for it.
            window: rows and columns of cells that are read at once; chosen from the blocks of the rasters and from
                `memory` if not given.
            memory: megabytes that may be taken.
            client: a dask client whose workers compute in place of threads (extra `dask`).
            progress: called with the windows that are done, and with all of them.
            record: whether inputs are hashed. Without it the account has no id and no ledger: for one of many runs of
                which only the figures are wanted.
            loop: what adds the cells up: "numpy", "compiled" (extra `fast`), or "auto", which compiles where that is
                installed and worthwhile. It may change last digits, and the digest then says so.
            keep: a file that finished windows are kept in, which the caller removes once it is done with the account.
            resume: whether to go on from what an earlier run kept there.

        Raises:
            InputError: with every problem, if any is an error.
            UsageError: for a study that varies along years, draws or scenarios: `accounts` computes it.
        """
        passed = self._pass(threads, window, memory, client, progress, loop, keep, record=record, resume=resume)
        return self._account(passed, passed.sums)

    def accounts(
        self,
        *,
        threads: int | None = None,
        memory: float = MEMORY,
        progress: Progress | None = None,
        loop: Loop = "auto",
        record: bool | None = None,
    ) -> Accounts:
        """The accounts of a study that varies: of every year of its layers and tables, of every draw and scenario of
        its coefficients and layers; of one that does not, its account alone.

        What differs in coefficients alone is summed in one pass over the grid, to the bits of `run`; inputs are tested
        once for all such.

        Args:
            threads: as in `run`, like `memory`, `progress` and `loop`.
            memory: megabytes that may be taken.
            progress: called with what is done.
            loop: what adds the cells up.
            record: whether accounts that need a run of their own have an id and a ledger; those of years do if nothing
                is said, for a comparison tells by them what was computed in another way.

        Raises:
            InputError: with every problem, if any is an error.
        """
        is_recorded = bool(self.spec.years) if record is None else record

        def run_one(spec: StudySpec) -> tuple[Inputs, Account]:
            study = Study.from_spec(spec)
            account = study.run(threads=threads, memory=memory, progress=progress, loop=loop, record=is_recorded)
            return study.inputs, account

        together = partial(accounts_together, threads=threads or cores(), memory=memory, progress=progress)
        return Accounts(self._dims, accounts_of(self.spec, self._dims, run_one, together))

    def uncertainty(self, **options: Any) -> Uncertainty:
        """How sure its totals are: the account is computed, and its cells again where sums do not tell enough.

        Args:
            options: as in `Account.uncertainty`.
        """
        from gep.study.redrawn import engine_of

        account = self.run()
        return account.uncertainty(engine=engine_of(account, lambda: self), **options)

    def maps(
        self,
        folder: str | Path,
        services: Sequence[str] | None = None,
        what: Sequence[Measure] = MEASURES,
        *,
        account: Account | None = None,
        threads: int | None = None,
        memory: float = MEMORY,
        progress: Progress | None = None,
        cog: bool = False,
    ) -> list[Path]:
        """Write a map of every quantity (density) and value (per hectare) as GeoTIFF; the files written.

        Args:
            folder: where they go, as `<service>.<component>.tif` and `<service>.value.tif`.
            services: those wanted, all that can be mapped if not given.
            what: of "quantity" and "value".
            account: that of this study, if it has been computed: the inputs are then not tested a second time.
            threads: as in `run`, like `memory` and `progress`.
            memory: megabytes that may be taken.
            progress: called with what is done.
            cog: whether they are cloud-optimised, with overviews.

        Raises:
            InputError: with every problem, if any is an error.
        """
        self._stop_on_dimensions()
        inputs = self.inputs
        before = self._found_opening
        self._stop_on_errors(before)
        study_plan = replace(self._plan, plan=choose_loop(self._plan.plan))  # so it would be computed and identified
        threads = threads or cores()
        if account is None:
            sums = run(replace(study_plan.plan, flows=(), is_compiled=False), threads=threads, memory=memory)
            found = self._found_in_cells(Basis(study_plan, inputs, sums), threads)
            self._stop_on_errors([*before, *study_plan.problems, *found])
        run_id = account.about.run_id if account else identity_of(inputs, study_plan)[0]
        written = write_maps(
            study_plan,
            inputs,
            Path(folder),
            what=what,
            services=services,
            threads=threads,
            memory=memory,
            progress=progress,
            run_id=run_id,
            cog=cog,
        )
        self._stop_on_errors(changes_since(inputs.stamps))
        return written

    def densities(
        self, services: Sequence[str] | None = None, measures: Sequence[Measure] = MEASURES, *, chunk: int = SQUARE
    ) -> xr.Dataset:
        """Every quantity (`<service>.<component>`) and value (`<service>.value`, in money per m2) on the cells of the
        study, as lazy arrays: nothing is computed before they are asked for, and then each chunk in one task.

        `area` is the part of each cell inside the outline, in m2; a density times it, summed, is what the account has
        before rules on totals, which the attribute `rules_on_totals` names. What emissions limit has no value on cells.
        Needs the extra `dask`.

        >>> study.densities(["water_retention"])["water_retention.value"].rio.to_raster("water.tif")  # doctest: +SKIP

        Args:
            services: those wanted, all that have densities if not given.
            measures: of "quantity" and "value".
            chunk: rows and columns of a chunk, a multiple of 512.

        Returns:
            Variables over (y, x), before them the dimensions that the study varies along; units as CF writes them.

        Raises:
            InputError: where an input cannot be read; the cells themselves are tested by `check` and `run`.
        """
        if self._dims:
            points = [spec_at(self.spec, *point) for point in points_of(self._dims)]
            return along(
                self._dims, [Study.from_spec(spec).densities(services, measures, chunk=chunk) for spec in points]
            )
        self._stop_on_errors(self._found_opening)
        study_plan = self._plan
        self._stop_on_errors(study_plan.problems)
        return densities_of_study(study_plan, self.inputs, services, measures, chunk)

    def files(self) -> FilesRecord:
        """Names and hashes of what was given beside the layers: zones, tables, coefficients of the study's own."""
        return files_of(self.spec)

    def description(self) -> StudyRecord:
        """What the project file says, without paths."""
        return description_of(self.spec)

    def __repr__(self) -> str:
        spec, counts = self.spec, f"{len(self.spec.layers)} layers, {len(self.spec.tables)} tables"
        return f"<Study {spec.name} {spec.year}: profile {spec.profile_id}, {counts}>"

    def _repr_html_(self) -> str:
        return page_of(self.inputs)
