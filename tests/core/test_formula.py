"""Lines of arithmetic are arithmetic and nothing else, since readers are asked to compute them again."""

import pytest

from gep.core.formula import arithmetic, is_arithmetic
from gep.standards.equations import equations


def test_what_we_write_is_arithmetic():
    lines = [(name, line) for name, equation in equations().items() for _, line in arithmetic(equation)]
    assert [(name, line) for name, line in lines if not is_arithmetic(line)] == []


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('id')",
        "open(a)",
        "a.b",
        "[a for a in b]",
        "'text'",
        "lambda: 1",
        "a if b else c",
        "exp(x, out=y)",
        "a[0]",
    ],
)
def test_anything_else_is_not(text):
    assert not is_arithmetic(text)


def test_what_is_no_expression_cannot_be_parsed():
    with pytest.raises(SyntaxError):
        is_arithmetic("a = 1")
