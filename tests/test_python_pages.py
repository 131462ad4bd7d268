"""The pages on Python: every public name has a section, every argument is told of, and examples give what they say."""

from __future__ import annotations

import doctest
import inspect
import re
from functools import partial

import pytest
from places import ROOT

import gep
from gep.core.equation import Equation
from gep.core.errors import GepError

PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "python").glob("*.md"))}

if not PAGES:
    pytest.skip("the documentation is not beside the tests", allow_module_level=True)

SECTION = re.compile(r"^\.\. auto(class|exception|function|method):: ([\w.]+)", flags=re.MULTILINE)
DOCUMENTED = [name for text in PAGES.values() for _, name in SECTION.findall(text)]


@pytest.mark.parametrize("name", gep.__all__)
def test_a_public_name_has_a_section(name):
    """A module has a heading of its own, or stands in a table with what it holds."""
    if inspect.ismodule(getattr(gep, name)):
        assert re.search(rf"^(#+ .*|.*::? |\| )`?gep\.{name}\b", "\n".join(PAGES.values()), flags=re.MULTILINE)
    else:
        assert DOCUMENTED.count(f"gep.{name}") == 1


def found(path):
    """What stands under a dotted name."""
    thing = gep
    for part in path.split(".")[1:]:
        if inspect.ismodule(thing) and not hasattr(thing, part):
            thing = __import__(f"{thing.__name__}.{part}", fromlist=["_"])
        else:
            thing = getattr(thing, part)
    return thing


def public():
    """Everything that the pages speak of and that takes arguments: functions, classes that people make, methods."""
    for kind, path in (section for text in PAGES.values() for section in SECTION.findall(text)):
        thing = found(path)
        if kind == "class":
            is_made = any(f".. autoclass:: {path}\n" in text for text in PAGES.values())
            if is_made:
                yield path, thing, inspect.getdoc(thing)
            for name, member in inspect.getmembers(thing, callable):
                if not name.startswith("_") and any(name in text for text in PAGES.values()):
                    yield f"{path}.{name}", member, inspect.getdoc(member)
        elif kind in ("function", "method"):
            yield path, thing, inspect.getdoc(thing)


NOT_LISTED = ("Entry.", "Problem.", "GepError.", "units.", "Coefficient", "MissingFeatureError.", "catalog.")
"""One argument that the sentence names, if any."""


@pytest.mark.parametrize(
    ("path", "thing", "text"),
    [pytest.param(*found, id=found[0]) for found in public() if not any(part in found[0] for part in NOT_LISTED)],
)
def test_every_argument_is_told_of(path, thing, text):
    parameters = [name for name in inspect.signature(thing).parameters if name != "self"]
    listed = re.findall(r"^    (\w+): \S", text.partition("Args:\n")[2].partition("\n\n")[0], flags=re.MULTILINE)
    assert set(parameters) <= set(listed), path


def test_examples_give_what_they_say():
    """Those that need no inputs."""
    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner()
    for path in dict.fromkeys(DOCUMENTED):
        thing = found(path)
        if not isinstance(thing, partial | Equation):
            module = inspect.getmodule(thing)
            for test in finder.find(thing, path, module=module, globs={**vars(module), "gep": gep}):
                runner.run(test)
    result = runner.summarize()
    assert result.failed == 0
    assert result.attempted >= 8


def test_every_kind_of_error_is_on_the_page():
    kinds = {
        name for name, kind in vars(gep.core.errors).items() if inspect.isclass(kind) and issubclass(kind, GepError)
    }
    assert {f"gep.{name}" for name in kinds} <= set(DOCUMENTED)
