"""What the accounts of a project are made in: its folder, its name and year, and where its parameters come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gep.assets.parameters import Parameters, read_parameters
from gep.assets.tables import Column, Row, TableRead, read_table, stop_on
from gep.core.errors import InputError, problem
from gep.core.messages import Text, say
from gep.inputs.assets import AccountSection
from gep.inputs.project import PROJECT, Project, read_project


@dataclass(frozen=True)
class Context:
    """A project and where it lies."""

    project: Project
    folder: Path

    @classmethod
    def of(cls, path: Path) -> Context:
        """That of a project file or its folder. Raises ProjectError with everything that is wrong in it."""
        file = path / PROJECT if path.is_dir() else path
        return cls(read_project(file), file.parent)

    @property
    def name(self) -> Text:
        """The study's name in both languages."""
        study = self.project.study
        return Text(study.name, study.name_zh or study.name)

    def year_of(self, section: AccountSection) -> int | None:
        """The year that an account is of: that of the study; in a study of several years the one that its section
        names, and none where its tables tell years themselves.
        """
        return self.project.study.year or section.year

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the study."""
        study, several = self.project.study, self.project.years
        return tuple(several.list) if several is not None else (study.year,) if study.year else ()

    @property
    def region(self) -> str:
        """The region whose parameters are preferred."""
        return self.project.study.region

    def path(self, text: str) -> Path:
        """A path of the project file."""
        return self.folder / text

    def parameters(self, section: AccountSection) -> Parameters:
        """The parameters of an account: those of the project first. Raises InputError with every wrong row."""
        if not section.parameters:
            return Parameters()
        path = self.path(section.parameters)
        if not path.is_file():
            found = problem("assets.F01.no_parameters", section.parameters, place=PROJECT)
            raise InputError(say("assets.wrong_tables"), [found])
        rows, problems = read_parameters(path, is_shipped=False)
        stop_on(problems)
        return Parameters(rows)

    def read(self, path: str, columns: Sequence[Column]) -> TableRead:
        """A table of the project, with every problem of it."""
        return read_table(self.path(path), columns)

    def rows(self, path: str, columns: Sequence[Column]) -> tuple[Row, ...]:
        """The rows of a table. Raises InputError with all its problems where one is an error."""
        return self.read(path, columns).stop_on_errors()
