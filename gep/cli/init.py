"""`gep init`: a project to start from, of the sample city or of a folder of data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gep.cli.common import LanguageOption, ProfileOption, begin, options, told_where_unwritten
from gep.core.messages import Language, say

if TYPE_CHECKING:
    from gep.inputs.survey import Key
    from gep.study.draft import Draft, Question


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", show_default=False)],
    source: Annotated[Path | None, typer.Option("--from", metavar="FOLDER", show_default=False)] = None,
    no_input: Annotated[bool, typer.Option("--no-input")] = False,
    years: Annotated[bool, typer.Option("--years")] = False,
    profile: ProfileOption = "ndrc-2022",
    lang: LanguageOption = None,
) -> None:
    """Write a commented project to start from, in the language of the call."""
    language = begin(lang)
    from gep.core.errors import UsageError
    from gep.standards.profile import load_profile

    load_profile(profile)
    if source is not None:
        if years:
            raise UsageError(say("cli.years_of_a_folder"))
        _of_folder(source, folder, profile, language, may_ask=not no_input and sys.stdin.isatty())
        return
    from rasterio.errors import RasterioError

    from gep.assets.sample import add_to_sample_city
    from gep.core.folders import files_into
    from gep.inputs.project import PROJECT
    from gep.study.sample.city import write_sample_city
    from gep.study.sample.years import write_sample_years

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(say("cli.not_an_empty_folder", folder=folder))
    with told_where_unwritten(folder, RasterioError), files_into(folder) as fresh:
        if years:
            write_sample_years(fresh, profile=profile, language=language)
        else:
            add_to_sample_city(write_sample_city(fresh, profile=profile, language=language), language)
    path = folder / PROJECT
    for key in ("cli.project_written", "cli.next"):
        _print(say(key, path=path))


def _of_folder(source: Path, folder: Path, profile: str, language: Language, *, may_ask: bool) -> None:
    """Look at a folder of data, ask or list what needs confirming, and write the project file."""
    from gep.core.errors import UsageError
    from gep.core.folders import atomic_file
    from gep.inputs.project import PROJECT
    from gep.inputs.survey import survey
    from gep.study.draft import make_draft, project_text

    path = folder / PROJECT
    if not source.is_dir():
        raise UsageError(say("cli.no_such_folder", folder=source))
    if folder.exists() and not folder.is_dir():
        raise UsageError(say("cli.not_an_empty_folder", folder=folder))
    if path.exists():
        raise UsageError(say("cli.project_exists", path=path))
    guesses = survey(source.resolve())
    if not any(guess.role != "unknown" for guess in guesses):
        raise UsageError(say("cli.nothing_found", folder=source, count=len(guesses)))
    draft = make_draft(guesses, name=source.resolve().name, profile=profile, lang=language)
    if may_ask:
        draft = _asked(draft)
    with told_where_unwritten(path):
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_file(path) as fresh:
            fresh.write_text(project_text(draft, folder.resolve(), language), encoding="utf-8")
    _print(say("cli.drafted", path=path, count=len(draft.taken), unused=len(draft.unused)))
    for question in draft.questions:
        _print(say("cli.to_confirm", section=question.section, key=question.key, question=question.question))
    for section in draft.lacks:
        _print(say(f"survey.file.no_{section}"))
    _print(say("cli.next_check", path=path))


def _asked(draft: Draft) -> Draft:
    """The draft with every question put to the person at the terminal; an empty answer takes what is guessed."""
    for question in draft.questions:
        text = say("cli.ask", section=question.section, key=question.key, question=question.question)
        if not question.key:
            draft = draft.answered(question, "") if typer.confirm(text.to(options.language), err=True) else draft
            continue
        answer = typer.prompt(text.to(options.language), default=str(question.answer), err=True)
        draft = draft.answered(question, _value(answer, question))
    return draft


def _value(answer: str, question: Question) -> Key:
    """An answer as the project file has it: a number where one stands now."""
    if isinstance(question.answer, int | float):
        try:
            number = float(answer)
        except ValueError:
            return answer
        return int(number) if number.is_integer() else number
    return question.answer if answer == str(question.answer) else answer


def _print(text: str) -> None:
    from gep.core.messages import in_language
    from gep.report.console import console

    console().print(in_language(text, options.language), markup=False, highlight=False, soft_wrap=True)
