"""Units as tables print them, with their factor by hand; what is not known is words and no counted thing."""

from fractions import Fraction

import pytest

from gep.audit.figures import read_unit

HA, KM2, MU = 10**4, 10**6, Fraction(2000, 3)
"""Square metres in a hectare, a square kilometre and a mu."""


@pytest.mark.parametrize(
    ("text", "factor", "above", "below"),
    [
        ("元·hm-2·a-1", Fraction(1, HA), "CNY", "m^2"),
        ("CNY ha⁻¹ yr⁻¹", Fraction(1, HA), "CNY", "m^2"),
        ("yuan·hm⁻²·a⁻¹", Fraction(1, HA), "CNY", "m^2"),
        ("万元/km²", Fraction(10**4, KM2), "CNY", "m^2"),
        ("元/亩", 1 / MU, "CNY", "m^2"),
        ("$/ha/yr", Fraction(1, HA), "$", "m^2"),
        ("2007$/ha/yr", Fraction(1, HA), "$", "m^2"),
        ("€ per hectare", Fraction(1, HA), "EUR", "m^2"),
        ("元/斤", 2000, "CNY", "t"),
        ("US$ million", 10**6, "USD", ""),
        ("million US$", 10**6, "USD", ""),
        ("million 2007 USD", 10**6, "USD", ""),
        ("Mil. $", 10**6, "$", ""),
        ("£ million", 10**6, "GBP", ""),
        ("£m", 10**6, "GBP", ""),
        ("£ millions", 10**6, "GBP", ""),
        ("$bn", 10**9, "$", ""),
        ("€ million", 10**6, "EUR", ""),
        ("EUR million", 10**6, "EUR", ""),
        ("M€", 10**6, "EUR", ""),
        ("million euro", 10**6, "EUR", ""),
        ("NOK million", 10**6, "NOK", ""),
        ("RMB 100 million", 10**8, "CNY", ""),
        ("10,000 yuan", 10**4, "CNY", ""),
        ("ten thousand yuan", 10**4, "CNY", ""),
        ("10⁸元·a⁻¹", 10**8, "CNY", ""),
        ("×10⁴元", 10**4, "CNY", ""),
        ("e6 ha", 10**6 * HA, "m^2", ""),
        ("10³ hm²", 10**3 * HA, "m^2", ""),
        ("千公顷", 10**3 * HA, "m^2", ""),
        ("Mm3", 10**6, "m^3", ""),
        ("PgC", 10**9, "t", ""),
        ("Gt C", 10**9, "t", ""),
    ],
)
def test_a_unit_has_its_factor(text, factor, above, below):
    unit = read_unit(text)
    assert not unit.is_words
    assert float(unit.factor) == pytest.approx(float(factor))
    assert ("".join(unit.above), "".join(unit.below)) == (above, below)


@pytest.mark.parametrize(
    "text", ["森林", "莲都区", "Forest", "million pounds of fish", "106 m3", "103 t", "ha-1", "宗", "CS"]
)
def test_what_is_no_known_unit_is_words(text):
    """A raised digit that was lost, 106 for 10⁶, is not taken for a factor of 106."""
    assert read_unit(text).is_words
