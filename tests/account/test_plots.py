"""Pictures of an account: what they are called, and in which language."""

import matplotlib as mpl
import pytest

from gep.account import plots
from gep.core.errors import AccountError

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


def test_without_a_chinese_font_labels_are_english_and_it_is_said(sample_account, monkeypatch):
    monkeypatch.setattr(plots, "CJK_FONTS", ("No Such Font",))
    with pytest.warns(UserWarning, match="No font with Chinese characters.*未安装中文字体"):
        drawn = sample_account.plot(language="zh")
    assert drawn.get_title(loc="left").isascii() or "GEP" in drawn.get_title(loc="left")
    assert all(label.get_text().isascii() for label in drawn.get_yticklabels())
