"""Writing `report.html`.

Nothing in it comes from elsewhere or goes elsewhere: a policy in its head (Content-Security-Policy) allows the scripts
and the style that it holds, by their hashes, and pictures that stand in it. Texts of the account are escaped wherever
they stand, in the data for scripts as well.
"""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined

from gep.account.account import Account
from gep.report.options import ReportOptions
from gep.report.page.content import LANGUAGES, Body, Data, data
from gep.report.page.pictures import pictures

NAME = "report.html"


def write(account: Account, folder: Path, options: ReportOptions) -> list[Path]:
    """Write the page into a folder; the files written."""
    path = folder / NAME
    path.write_text(page(account, options), encoding="utf-8", newline="\n")
    return [path]


def page(account: Account, options: ReportOptions) -> str:
    """The page as text."""
    bodies = [Body(account, language, options) for language in LANGUAGES]
    default = options.languages[0]
    scripts = [_static("echarts.min.js"), _static("page.js")]
    style = _static("page.css")
    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        bodies=bodies,
        default=next(body for body in bodies if body.language == default),
        policy=_policy(scripts, style),
        style=style,
        scripts=scripts,
        data=_data_text(data(account, bodies, default)),
        pictures=pictures(account),
    )


def _static(name: str) -> str:
    return (files("gep.report.page") / "static" / name).read_text(encoding="utf-8")


def _template(name: str) -> str:
    return (files("gep.report.page") / "templates" / name).read_text(encoding="utf-8")


def _policy(scripts: list[str], style: str) -> str:
    """What the page may do: run its own scripts, use its own style, show its own pictures, and nothing else."""
    run = " ".join(_hash(script) for script in scripts)
    rest = "base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; script-src {run}; style-src {_hash(style)}; img-src data:; {rest}"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_OUTSIDE_HTML = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}
"""Letters that could end a script in HTML, or a line in a script, as JSON writes them."""


def _data_text(document: Data) -> str:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return text.translate(_OUTSIDE_HTML)
