"""`gep inputs`: what a profile needs, and who has it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from gep.cli.common import JsonOption, LanguageOption, begin, print_json, told_where_unwritten
from gep.core.messages import joined, say


def inputs(
    profile: Annotated[str, typer.Argument(metavar="PROFILE", show_default=False)],
    area: Annotated[str, typer.Option("--area", metavar="CODE", show_default=False)] = "",
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", show_default=False)] = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a profile needs: every figure, product, price and layer, and the department that usually has it."""
    language = begin(lang, as_json=as_json)
    from gep.core.errors import UsageError
    from gep.core.folders import atomic_file
    from gep.core.messages import Text
    from gep.report.console import console
    from gep.report.needs import inputs_document, show_inputs, write_inputs
    from gep.standards.profile import load_profile
    from gep.study.needs import needs_of, services_without_land

    if area and not re.fullmatch(r"\d{6}", area):
        raise UsageError(say("cli.no_area_code", code=area))
    known = load_profile(profile)
    left_out = services_without_land(known, area)
    document = inputs_document(known, needs_of(known, left_out=left_out), area, left_out)
    title = say("office.list.title", profile=Text(known.name_en, known.name_zh))
    if area:
        title = joined([title, say("office.list.of_area", code=area)], ", ", "，")
    if xlsx is not None:
        with told_where_unwritten(xlsx), atomic_file(xlsx) as fresh:
            write_inputs(document, title, fresh, language)
    if as_json:
        print_json(document)
        return
    if xlsx is None:
        show_inputs(document, title, console(), language)
    else:
        console().print(say("office.list.written", path=xlsx).to(language), markup=False, soft_wrap=True)
