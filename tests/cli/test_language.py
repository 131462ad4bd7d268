"""In which language gep speaks, and its help in both."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import projects
import pytest
import typer
from projects import Gep

from gep.cli.app import app
from gep.cli.language import asked_for, given, language_of, of_locale
from gep.core.errors import UsageError
from gep.core.messages import catalogue

CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


@pytest.fixture(autouse=True)
def _no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GEP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def speaking(folder: Path, lang: str) -> Path:
    """A project file that says a language."""
    path = folder / "gep.toml"
    path.write_text(f'[study]\nlang = "{lang}"\n', encoding="utf-8")
    return path


# one function decides -------------------------------------------------------------------------------------------------


def test_asked_for_goes_first_then_the_variable_the_project_the_locale(monkeypatch, tmp_path):
    project = speaking(tmp_path, "zh")
    assert language_of() == "en"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert language_of() == "zh"
    assert language_of(None, speaking(tmp_path, "en")) == "en"
    speaking(tmp_path, "zh")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert language_of(None, project) == language_of(None, tmp_path) == "zh"
    monkeypatch.setenv("GEP_LANG", "en")
    assert language_of(None, project) == "en"
    assert language_of("zh", project) == "zh"


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "zh_CN", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US", "LC_MESSAGES": "de_DE", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_locale(monkeypatch, locale, language):
    for name, value in locale.items():
        monkeypatch.setenv(name, value)
    assert of_locale() == language


def test_windows_has_no_variables(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "win32")
    for name, language in (("Chinese (Simplified)_China", "zh"), ("German_Germany", "en"), (None, "en")):
        monkeypatch.setattr("locale.getlocale", lambda name=name: (name, "936"))
        assert of_locale() == language


def test_a_console_without_chinese_letters_is_spoken_to_in_english(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN")
    for encoding, language in (("ascii", "en"), ("gbk", "zh"), ("utf-8", "zh"), ("cp1252", "en")):
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
        assert of_locale() == language


@pytest.mark.parametrize(
    "text", ["[study", "[study]\nyear = 1\n", "[study]\nlang = 3\n", '[study]\nlang = "fr"\n', 'study = "zh"\n']
)
def test_a_project_that_says_none_decides_nothing(tmp_path, text):
    (tmp_path / "gep.toml").write_text(text, encoding="utf-8")
    assert language_of(None, tmp_path) == "en"
    assert language_of(None, tmp_path / "nowhere") == "en"


@pytest.mark.parametrize(("tag", "language"), [("zh", "zh"), ("zh-Hans", "zh"), ("en_GB", "en"), ("ZH_cn.UTF-8", "zh")])
def test_the_variable_may_be_a_tag(monkeypatch, tag, language):
    monkeypatch.setenv("GEP_LANG", tag)
    assert language_of() == language


def test_a_wrong_variable_is_a_usage_error_in_the_language_of_the_locale(monkeypatch, gep):
    monkeypatch.setenv("GEP_LANG", "fr")
    with pytest.raises(UsageError, match="no language of gep"):
        language_of()
    said = gep("check")
    assert (said.code, said.out) == (2, "")
    assert said.err == "GEP_LANG is `fr`, which is no language of gep. Needed: en, zh.\n"
    assert gep("check", "--json").document["error"] == said.err.rstrip()
    monkeypatch.setenv("LC_ALL", "zh_CN")
    assert "不是 gep 支持的语言" in gep("check").err
    assert gep("profiles", "list", "--lang", "en").code == 0


def test_help_and_version_are_given_whatever_the_variable_says(monkeypatch, gep):
    monkeypatch.setenv("GEP_LANG", "fr")
    assert gep("--version").code == 0
    assert gep("check", "--help").code == 0
    assert "用法" in gep("--help", "--lang", "zh").out
    monkeypatch.setenv("GEP_LANG", " zh ")
    assert language_of() == "zh"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no endless file")
def test_a_project_without_end_is_not_read(gep):
    said = gep("check", "/dev/zero", "--lang", "en")
    assert (said.code, "too large" in said.err) == (3, True)
    assert language_of(None, Path("/dev/zero")) == "en"


def test_the_option_is_seen_before_any_command_reads_it():
    assert asked_for(["run", "--lang", "zh"]) == asked_for(["--lang=zh", "run"]) == "zh"
    assert asked_for(["run", "--lang"]) is asked_for(["run", "--lang", "fr"]) is asked_for(["run"]) is None
    assert given(("--threads",), ["run", "--threads", "0"]) == "0"


# calls ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [("--lang", "zh", "profiles", "list"), ("profiles", "--lang", "zh", "list"), ("profiles", "list", "--lang", "zh")],
)
def test_the_option_may_stand_before_and_behind_a_command(gep, arguments):
    said = gep(*arguments)
    assert said.code == 0
    assert "代号" in said.out


def test_a_call_leaves_no_language_behind(gep):
    assert "代号" in gep("profiles", "list", "--lang", "zh").out
    assert "代号" not in gep("profiles", "list").out


def test_the_variable_and_the_locale_speak(monkeypatch, gep):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "用法" in gep("run", "--nope").err
    monkeypatch.setenv("GEP_LANG", "en")
    assert "Usage" in gep("run", "--nope").err
    assert "用法" in gep("run", "--nope", "--lang", "zh").err


@pytest.mark.parametrize(
    ("arguments", "en", "zh"),
    [
        (
            ("run", "--nope"),
            "There is no option --nope. Did you mean `--loop` or `--zones`?",
            "没有选项 --nope。是否应为 `--loop`、`--zones`？",
        ),
        (("rum",), "There is no command rum. Did you mean `run`?", "没有命令 rum。是否应为 `run`？"),
        (("explain", "a"), "ZONE is missing.", "缺少 ZONE。"),
        (
            ("run", "--threads", "0"),
            "The value of --threads does not fit. Found: 0. Needed: a whole number of 1 or more.",
            "--threads 的取值不符合要求。发现：0。要求：不小于 1 的整数。",
        ),
        (("run", "--maps=3"), "The option --maps takes no value.", "选项 --maps 不带取值。"),
        (("check", "a", "b"), "There are more arguments than the command takes: b.", "命令的参数过多：b。"),
    ],
)
def test_a_wrong_call_is_said_in_both_languages(gep, arguments, en, zh):
    for language, text in (("en", en), ("zh", zh)):
        said = gep("--lang", language, *arguments)
        assert (said.code, said.out) == (2, "")
        assert text in said.err


def test_a_language_that_there_is_not(gep):
    said = gep("run", "--lang", "fr")
    assert said.code == 2
    assert "The value of --lang does not fit. Found: fr. Needed: zh or en." in said.err


# documents ------------------------------------------------------------------------------------------------------------


def test_a_document_is_english_whatever_the_locale_and_chinese_where_that_is_asked_for(monkeypatch, gep, tmp_path):
    project = projects.write(tmp_path / "project")
    (tmp_path / "project" / "precipitation.tif").unlink()
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    english = gep("check", project, "--json").document["problems"]
    chinese = gep("check", project, "--json", "--lang", "zh").document["problems"]
    assert [p["code"] for p in english] == [p["code"] for p in chinese]
    for first, second in zip(english, chinese, strict=True):
        assert set(first) == set(second)
        assert {name: second[name] for name in first["zh"]} == first["zh"]


# what gep init writes -------------------------------------------------------------------------------------------------


def test_the_project_is_the_same_in_both_languages_but_for_its_comments(gep):
    for language in ("en", "zh"):
        assert gep("init", language, "--lang", language).code == 0
    texts = {language: Path(language, "gep.toml").read_text(encoding="utf-8") for language in ("en", "zh")}
    assert tomllib.loads(texts["en"]) == tomllib.loads(texts["zh"])
    assert texts["en"] != texts["zh"]
    assert "#:" not in texts["en"] + texts["zh"]
    for name in (path.name for path in Path("en").iterdir() if path.suffix in (".csv", ".tif", ".geojson")):
        assert Path("en", name).read_bytes() == Path("zh", name).read_bytes()
    assert Path("zh/README.txt").read_text(encoding="utf-8").startswith("合成示例项目")


def test_every_comment_is_in_the_catalogue():
    """The comments of the project of one year, and those that several years add to it."""
    folder = files("gep.study.sample").joinpath("sample_city")
    templates = [folder.joinpath(name).read_text(encoding="utf-8") for name in ("gep.toml", "extent.toml")]
    keys = [key for text in templates for key in re.findall(r"#: (\w+)$", text, flags=re.MULTILINE)]
    assert sorted([*keys, "years"]) == sorted(catalogue("sample")["comment"])
    plain = [re.sub(r"#: \w+$", "", text, flags=re.MULTILINE) for text in templates]
    left = [line for text in plain for line in text.splitlines() if "#" in line]
    assert [line for line in left if not re.match(r"# (\[|\S+ = )", line)] == [], "a comment beside the catalogue"


# help -----------------------------------------------------------------------------------------------------------------


def parameters() -> list[tuple[str, Any]]:
    """Every command with each of its arguments and options."""
    found: list[tuple[str, Any]] = []

    def walk(command: Any, path: tuple[str, ...]) -> None:
        found.extend((".".join(path), param) for param in command.params)
        for name, part in getattr(command, "commands", {}).items():
            walk(part, (*path, name))

    walk(typer.main.get_command(app), ())
    return found


def test_help_has_a_word_for_everything_and_for_nothing_else():
    about, common = catalogue("cli")["help"], catalogue("cli")["option"]
    used, words = {"help"}, set()
    for path, param in parameters():
        table = about
        for name in path.split(".") if path else ():
            table = table[name]
        own = table.get(param.name) if path else None
        is_own = isinstance(own, dict) and "en" in own
        words.add(f"{path}.{param.name}") if is_own else used.add(param.name)
    assert used == set(common)
    commands = {path for path, _ in parameters()} - {""}

    def leaves(table: dict[str, Any], path: str) -> set[str]:
        parts = {name: part for name, part in table.items() if isinstance(part, dict)}
        return {path} | {leaf for name, part in parts.items() for leaf in leaves(part, f"{path}.{name}".strip("."))}

    assert leaves(about, "") - {""} == commands | words


@pytest.mark.parametrize("path", sorted({path for path, _ in parameters()}))
def test_help_in_both_languages(gep, monkeypatch, path):
    monkeypatch.setenv("COLUMNS", "80")
    words = path.split(".") if path else []
    chinese, english = gep(*words, "--help", "--lang", "zh"), gep(*words, "--help")
    assert chinese.code == english.code == 0
    assert chinese.err == english.err == ""
    assert chinese.out.startswith("用法：gep")
    assert english.out.startswith("Usage: gep")
    assert "--lang zh|en" in chinese.out
    options = set(re.findall(r"--[a-z-]+", english.out))
    assert set(re.findall(r"--[a-z-]+", chinese.out)) == options
    assert all(wide(line) < 80 for line in (chinese.out + english.out).splitlines())


def wide(line: str) -> int:
    return sum(2 if "\u2e80" <= letter <= "\uffef" else 1 for letter in line)


def test_help_answers_at_once():
    """Below 0.3 s of computing, on any machine that is not much slower than ours."""
    code = "import resource, sys; sys.argv = ['gep', '--help']\nfrom gep.cli.app import main\n"
    code += "try: main()\nexcept SystemExit: pass\n"
    code += "sys.stderr.write(str(sum(resource.getrusage(resource.RUSAGE_SELF)[:2])))"
    if sys.platform == "win32":
        pytest.skip("the time of a process is not told there")
    taken = min(
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60).stderr)
        for _ in range(3)
    )
    assert taken < 0.3
