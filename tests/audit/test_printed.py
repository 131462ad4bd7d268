"""Figures as printed. Expected intervals are read off by eye: half of the last digit to either side."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gep.audit.printed import FigureError, Interval, read_figure, stored_figure, total


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("9.48", "9.475", "9.485"),
        ("157", "156.5", "157.5"),
        ("0", "-0.5", "0.5"),
        ("-22.0760", "-22.07605", "-22.07595"),
        ("1.2e3", "1150", "1250"),
        ("12,345.6", "12345.55", "12345.65"),
        ("12 345", "12344.5", "12345.5"),
        ("１２．３", "12.25", "12.35"),
        ("−5.0", "-5.05", "-4.95"),
    ],
)
def test_half_of_the_last_digit(text, low, high):
    figure = read_figure(text)
    assert (figure.interval.low, figure.interval.high) == (Fraction(low), Fraction(high))


@pytest.mark.parametrize("text", ["", " ", "—", "…", "n/a", "无"])
def test_no_figure(text):
    assert read_figure(text) is None


@pytest.mark.parametrize("text", ["1,23", "about 5", "<0.01", "1.2.3", "1,2345", "0,123", "1e99"])
def test_what_could_be_two_numbers_is_refused(text):
    with pytest.raises(FigureError, match=r"not a number|no figure of an account"):
        read_figure(text)


@pytest.mark.parametrize("text", ["12.3*", "12.3①", "12.3 †", "12.3²"])
def test_a_footnote_mark_is_no_digit(text):
    figure = read_figure(text)
    assert (figure.text, figure.reading) == ("12.3", "without its footnote mark")


def test_it_says_how_it_was_read():
    assert read_figure("１，２３４").reading == "full-width characters, thousands separators"
    assert read_figure("1234").reading == ""


def test_a_stored_number_carries_the_noise_of_binary_arithmetic_only():
    figure = stored_figure(0.1 + 0.2)
    assert Fraction(3, 10) in figure.interval
    assert figure.interval.width < Fraction(1, 10**12)


def test_intervals_by_hand():
    price, amount = read_figure("3.6").interval, read_figure("150").interval
    product = price * amount
    assert (product.low, product.high) == (Fraction("3.55") * Fraction("149.5"), Fraction("3.65") * Fraction("150.5"))
    assert total([price, price, Interval.exact(1)]).width == Fraction("0.2")
    assert Interval.exact(2).gap(Interval.exact(5)) == -3
    assert not Interval.exact(2).meets(price)


numbers = st.fractions(min_value=-100, max_value=100, max_denominator=1000)
intervals = st.tuples(numbers, numbers).map(lambda ends: Interval(min(ends), max(ends)))


@given(intervals, intervals, st.floats(0, 1), st.floats(0, 1))
def test_every_pair_of_numbers_stays_inside(one, other, at_one, at_other):
    x = one.low + Fraction(at_one) * one.width
    y = other.low + Fraction(at_other) * other.width
    assert x + y in one + other
    assert x - y in one - other
    assert x * y in one * other
    if not (other.low <= 0 <= other.high):
        assert x / y in one / other
