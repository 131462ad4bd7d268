"""The catalogue of messages is whole: both languages, the same fields, nothing unused, and nothing said beside it."""

import ast
import copy
import pickle
import re
import string
from functools import cache
from importlib.resources import files

import pytest
from rooms import FLOOR_OF, modules, room_of

from gep.core.catalog import named
from gep.core.errors import Problem, problem
from gep.core.messages import LANGUAGES, Text, catalogue, in_language, listed, of_document, say

FILES = sorted(path.name.removesuffix(".toml") for path in (files("gep.core") / "texts").iterdir())
MODULES = sorted(modules())
CHINESE = re.compile(r"[\u3400-\u9fff]")


def leaves(table, path=()):
    """Every text of a table with its path: what has `en` or `zh`, parts of messages included."""
    if "en" in table or "zh" in table:
        yield ".".join(path), table
    for name, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, name))


def fields_of(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def fault_of_languages(text):
    """What a message lacks in one of the languages."""
    if not all(isinstance(text.get(language), str) and text[language].strip() for language in LANGUAGES):
        return "a text is missing or empty"
    if CHINESE.search(re.sub(r"[（(][^)）]*[)）]|`[^`]*`|“[^”]*”", "", text["en"])):
        return "Chinese in an English text"
    words = re.sub(r"\{[^}]*\}|`[^`]*`", "", text["en"])
    if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", words) and not CHINESE.search(text["zh"]):
        return "no Chinese in a Chinese text"
    return None


def fault_of_fields(text):
    """Fields that one language has and the other has not: but the word for one or several needs none in Chinese."""
    en, zh = (fields_of(text[language]) for language in LANGUAGES)
    counted = {name for _, name, spec, _ in string.Formatter().parse(text["en"]) if name and spec and "|" in spec}
    return None if zh <= en and en - zh <= counted else f"fields {sorted(en)} and {sorted(zh)}"


@pytest.mark.parametrize("file", FILES)
def test_a_message_is_there_in_both_languages_and_says_the_same(file):
    texts = dict(leaves(catalogue(file)))
    assert texts
    faults = {key: fault_of_languages(text) or fault_of_fields(text) for key, text in texts.items()}
    assert {key: fault for key, fault in faults.items() if fault} == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ({"en": "Two words"}, "a text is missing or empty"),
        ({"en": "Two words", "zh": " "}, "a text is missing or empty"),
        ({"en": "Two words", "zh": "Two words"}, "no Chinese in a Chinese text"),
        ({"en": "两个词", "zh": "两个词"}, "Chinese in an English text"),
        ({"en": "Two {words}", "zh": "两个词"}, "fields ['words'] and []"),
        ({"en": "Two {words}", "zh": "两个{words}"}, None),
    ],
)
def test_a_fault_of_a_message_is_seen(text, fault):
    assert (fault_of_languages(text) or fault_of_fields(text)) == fault


def calls(tree):
    """Calls of the catalogue in a module: the pattern of the key (`*` where it is put together), the fields."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute) and node.args):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        if name not in ("say", "problem", "part", "message"):
            continue
        first = node.args[0]
        options = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
        for option in options:
            key = key_of(option)
            if key:
                yield key, {keyword.arg for keyword in node.keywords}, node


def key_of(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)
    return None


KNOWN = {f"{file}.{key}": text for file in FILES for key, text in leaves(catalogue(file))}


@cache
def trees():
    """What the modules say, by name."""
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in modules().items()}


@cache
def calls_of(name):
    return list(calls(trees()[name]))


def test_a_key_in_the_code_is_in_the_catalogue_with_its_fields():
    for name, (key, given, node) in ((module, call) for module in MODULES for call in calls_of(module)):
        if "*" in key:
            pattern = re.escape(key).replace(r"\*", ".+")
            assert [known for known in KNOWN if re.fullmatch(pattern, known)], (name, key)
            continue
        assert key in KNOWN, f"{name}, line {node.lineno}: there is no message {key}"
        if None not in given:  # **values
            needed = fields_of(KNOWN[key]["en"])
            assert needed <= given, f"{name}, line {node.lineno}: {key} lacks {needed - given}"


@cache
def strings_and_patterns():
    """All strings of the code, and the keys that it puts together."""
    constants = (node for tree in trees().values() for node in ast.walk(tree) if isinstance(node, ast.Constant))
    used = {key for name in MODULES for key, _, _ in calls_of(name)}
    patterns = [re.compile(re.escape(key).replace(r"\*", ".+")) for key in used if "*" in key]
    return {node.value for node in constants if isinstance(node.value, str)}, patterns


@pytest.mark.parametrize("file", [file for file in FILES if file != "codes"])
def test_nothing_in_the_catalogue_is_unused(file):
    strings, patterns = strings_and_patterns()
    whole = [f"{file}.{key}" for key, _ in leaves(catalogue(file))]
    parts = (".do", ".found", ".allowed")
    unused = [
        key
        for key in whole
        if not key.endswith(parts) and key not in strings and not any(p.fullmatch(key) for p in patterns)
    ]
    assert unused == []


ERRORS = {"GepError", "UsageError", "ProjectError", "InputError", "UnitError", "CoefficientError", "AccountError"}


def said_beside(tree):
    """Problems and errors whose words stand in the code."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if node.func.id == "Problem":
            yield f"line {node.lineno}: Problem(...): use `problem`"
        elif (
            node.func.id in ERRORS and node.args and isinstance(node.args[0], ast.JoinedStr | ast.Constant | ast.BinOp)
        ):
            yield f"line {node.lineno}: {node.func.id}: the words stand in the code"


def test_nothing_is_said_beside_the_catalogue():
    names = [name for name in MODULES if room_of(name) in FLOOR_OF and name != "core.errors"]
    found = {name: list(said_beside(trees()[name])) for name in names}
    assert {name: beside for name, beside in found.items() if beside} == {}


def test_a_code_has_a_severity_and_says_why_it_matters():
    for code, about in catalogue("codes").items():
        assert re.fullmatch(r"[A-Z]\d\d", code), code
        assert about["severity"] in ("error", "warning", "information"), code
        assert set(about) <= {"severity", "waivable", "en", "zh", "why"}, code
        assert set(about["why"]) == set(LANGUAGES), code


def test_every_code_of_a_message_is_known_and_used():
    codes = {
        key.split(".")[1] for key in KNOWN if re.fullmatch(r"\w+\.[A-Z]\d\d\..+", key) and not key.startswith("codes.")
    }
    assert codes == set(catalogue("codes"))


# how it works ---------------------------------------------------------------------------------------------------------


def test_a_text_is_its_english_and_knows_its_chinese():
    text = say("core.severity.error")
    assert (text, text.zh, text.to("zh"), text.to("en")) == ("error", "错误", "错误", "error")
    assert in_language("rain.tif", "zh") == "rain.tif"
    assert f"{text}!" == "error!"


def test_a_text_survives_copies():
    text = Text("land", "土地")
    for other in (pickle.loads(pickle.dumps(text)), copy.deepcopy(text)):
        assert (other, other.zh) == ("land", "土地")


def test_names_are_listed_with_the_comma_of_the_language():
    names = listed([Text("forest", "森林"), "x"])
    assert (names, names.zh) == ("forest, x", "森林、x")


def test_a_document_is_put_into_a_language():
    document = {"a": [Text("forest", "森林"), 1], "b": {"c": Text("land", "土地")}}
    assert of_document(document, "zh") == {"a": ["森林", 1], "b": {"c": "土地"}}
    assert of_document(document, "en") == {"a": ["forest", 1], "b": {"c": "land"}}


def test_an_empty_field_takes_the_space_before_it_along():
    there = say("core.unit.unknown", text="percnt", token="percnt", hint=Text("Did you mean `percent`?", "是否应为？"))
    assert there.endswith("`percnt`. Did you mean `percent`?")
    assert there.zh.endswith("`percnt`。是否应为？")
    not_there = say("core.unit.unknown", text="inch", token="inch", hint=Text("", ""))
    assert not_there == "The unit `inch` is not understood: there is no unit `inch`."
    between = say("core.unknown.profile", name="x", hint="", known=["a", "b"])
    assert between == "There is no profile `x`. There are: a, b."


def test_what_a_thing_is_called():
    assert (named("forest"), named("forest").zh) == ("Forest", "森林")
    assert (named("mine"), named("mine").zh) == ("mine", "mine")


def test_an_unknown_message_is_an_error():
    with pytest.raises(KeyError, match=r"core\.no_such_message"):
        say("core.no_such_message")


def test_a_problem_is_read_back_with_both_languages():
    first = Problem(
        "F01", "error", "rain", Text("It is gone.", "文件不存在。"), "rain.tif", do=Text("Look.", "请检查。")
    )
    again = Problem.of_dict(first.as_dict())
    assert again == first
    assert again.in_language("zh") == first.in_language("zh") == "F01 错误：rain（rain.tif）：文件不存在。\n  请检查。"
    assert str(first) == "F01 error: rain (rain.tif): It is gone.\n  Look."


def test_a_problem_without_its_key_is_an_error():
    with pytest.raises(KeyError):
        problem("core.F01.no_such_message", "rain")
