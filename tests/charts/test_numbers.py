"""How numbers are written."""

import doctest
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.charts import numbers


def test_the_examples_of_the_docstrings() -> None:
    assert doctest.testmod(numbers).failed == 0


@given(st.floats(min_value=-1e13, max_value=1e13))
def test_short_keeps_three_digits(value: float) -> None:
    text = numbers.short(value)
    scale = {"k": 1e3, "M": 1e6, "bn": 1e9}
    digits, _, suffix = text.partition(" ")
    assert float(digits) * scale.get(suffix, 1.0) == pytest.approx(value, rel=0.006, abs=0.5)


@given(st.floats(min_value=1e3, max_value=9e11))
def test_short_has_three_significant_digits(value: float) -> None:
    digits = numbers.short(value).split(" ")[0].replace(".", "")
    assert len(digits.lstrip("0")) == 3


@pytest.mark.parametrize(
    "write", [numbers.short, numbers.signed, numbers.full, numbers.percent, numbers.points]
)
def test_what_is_not_known_is_a_dash(write: Callable[[float], str]) -> None:
    assert write(math.nan) == "-"


def test_a_zero_has_no_sign() -> None:
    assert numbers.signed(0.0) == "0" and numbers.short(-0.0) == "0"


def test_a_change_on_nothing_is_not_known() -> None:
    assert numbers.change_pct(5.0, 0.0) == "-" and numbers.change_pct(math.nan, 1.0) == "-"
