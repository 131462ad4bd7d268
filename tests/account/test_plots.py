"""Pictures of an account: what they are called, and in which language."""

import matplotlib as mpl
import pytest

from gep.account import fonts
from gep.core.catalog import colour, label
from gep.core.errors import AccountError, MissingFeatureError

mpl.use("Agg")


@pytest.fixture(autouse=True)
def closed():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def test_the_title_names_the_account_once(sample_account):
    drawn = sample_account.plot(language="en")
    name = sample_account.about.name
    assert drawn.get_title(loc="left").count(name) == 1
    assert str(sample_account.about.year) in drawn.get_title(loc="left")


def test_a_title_without_a_name_gets_one(sample_account):
    from dataclasses import replace

    partial = sample_account.replace(missing=(replace(sample_account.about.missing[0], is_required=True),))
    assert not partial.is_complete
    title = partial.plot(language="en").get_title(loc="left")
    assert title == f"{partial.about.name} {partial.about.year}\n{partial.title('en')}"


@pytest.mark.parametrize("language", ["xx", "", "ZH", None])
def test_a_language_that_there_is_not_is_refused(sample_account, language):
    with pytest.raises(AccountError, match="no labels in the language"):
        sample_account.plot(language=language)


@pytest.fixture
def no_chinese_font(monkeypatch):
    monkeypatch.setattr(fonts, "CJK_FONTS", ("No Such Font",))
    monkeypatch.setattr(fonts, "_FILES", ())


def test_without_a_chinese_font_chinese_is_refused_with_what_to_install(sample_account, no_chinese_font):
    """Never empty boxes, never English in its place."""
    with pytest.raises(MissingFeatureError, match="apt install fonts-noto-cjk") as raised:
        sample_account.plot(language="zh")
    assert "未安装中文字体" in raised.value.in_language("zh")


def test_without_a_chinese_font_english_is_drawn(sample_account, no_chinese_font):
    drawn = sample_account.plot("counties", language="en")
    assert all(label.get_text().isascii() for label in drawn.get_yticklabels())


def test_a_font_installed_after_the_first_start_is_found(monkeypatch):
    """matplotlib keeps a list of fonts from its first start."""
    from matplotlib import font_manager

    if not fonts.chinese_font():
        pytest.skip("no font with Chinese characters is installed (Debian: fonts-noto-cjk)")
    old = [entry for entry in font_manager.fontManager.ttflist if entry.name not in fonts.CJK_FONTS]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", old)
    assert fonts.chinese_font() in fonts.CJK_FONTS


def test_every_service_is_drawn_in_its_colour(sample_account):
    drawn = sample_account.plot("composition", language="en")
    colours = {label(service, "en"): colour(service) for service in sample_account.totals("service")}
    names = [text.get_text() for text in drawn.get_yticklabels()]
    found = [mpl.colors.to_hex(bar.get_facecolor()).upper() for bar in drawn.patches]
    assert dict(zip(names, found, strict=True)) == colours


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  two\nlines\t", "two lines"),
        ("price $x_1$", "price $x_1$"),
        ("right\u202eleft", "rightleft"),
        ("tree \U0001f333", "tree ?"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a" * 50, "a" * 19 + "…"),
    ],
)
def test_text_of_others_is_drawn_as_letters(text, shown):
    """No markup, no line of its own, no box for a letter that no font has: by hand."""
    assert fonts.drawable(text, most=20) == shown
