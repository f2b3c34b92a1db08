from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.values import BadValue, day_first, decimal_mark, number, period, read_cells


@pytest.mark.parametrize(
    "text, decimal, value",
    [
        ("10", None, 10),
        ("-10", None, -10),
        ("+10", None, 10),
        ("(12)", None, -12),
        ("12-", None, -12),
        ("\u221212", None, -12),
        (".5", ".", 0.5),
        ("1e3", ".", 1000),
        ("1234.5", ".", 1234.5),
        ("1,234.5", ".", 1234.5),
        ("1,234,567", ".", 1234567),
        ("1.234,5", ",", 1234.5),
        ("1.234.567", ",", 1234567),
        ("12,5", ",", 12.5),
        ("1\u2009234,5", ",", 1234.5),
        ("1\u00a0234\u202f567", None, 1234567),
        ("1'234.50", ".", 1234.5),
        ("1,234", ".", 1234),
        ("1,234", ",", 1.234),
    ],
)
def test_numbers_are_read_in_their_locale(text: str, decimal: str | None, value: float) -> None:
    assert number(text, decimal) == value


@pytest.mark.parametrize(
    "text", ["ten", "", "1.2.3,4,5", "12,34.5", "1,23", "5 pieces", "nan", "inf", "1 2", "--1", "$5", "12%"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="is not a number"):
        number(text, ".")


@pytest.mark.parametrize("text", ["1e400", "-1e999", "9" * 400])
def test_a_number_beyond_all_numbers_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="is not a finite number"):
        number(text, ".")


@pytest.mark.parametrize("text, both", [("1,234", "1234 or 1.234"), ("-1.234", "1234 or 1.234")])
def test_a_number_that_could_be_two_is_refused(text: str, both: str) -> None:
    with pytest.raises(BadValue, match=f"could be {both}"):
        number(text, None)


@pytest.mark.parametrize(
    "texts, delimiter, mark",
    [
        (["1", "22"], ",", None),
        (["1,234"], ";", None),
        (["1.234"], ";", None),
        (["1.234"], ",", "."),
        (["1.234", "1.5"], ";", "."),
        (["1.234", "1,5"], ";", ","),
        (["0.125"], ";", "."),
        (["0,125"], ";", ","),
        (["1,234.5"], ";", "."),
        (["1.234,5"], ",", ","),
        (["1.234.567"], ";", ","),
        (["1.5", "1,5"], ";", "."),
    ],
)
def test_the_decimal_mark_is_decided_from_all_numbers_of_a_file(
    texts: list[str], delimiter: str, mark: str | None
) -> None:
    assert decimal_mark(texts, delimiter) == mark


@given(
    st.floats(-1e12, 1e12).map(lambda value: round(value, 2)),
    st.sampled_from([".", ","]),
    st.sampled_from(["", " ", "\u202f", "'"]),
)
def test_a_number_comes_back_from_any_locale(value: float, decimal: str, group: str) -> None:
    english = f"{value:,.2f}"
    text = english.replace(".", "#").replace(",", group).replace("#", decimal)
    assert number(text, decimal) == value


@given(st.floats(-1e12, 1e12).map(lambda value: round(value, 2)))
def test_grouped_numbers_settle_their_own_locale(value: float) -> None:
    english = f"{value:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    for text in (english, german):
        mark = decimal_mark([text], ";")
        assert number(text, mark) == value


JANUARY, LAST = date(2026, 1, 1), date(2026, 1, 31)


@pytest.mark.parametrize(
    "text, value",
    [
        ("2026-01", JANUARY),
        ("2026-1", JANUARY),
        ("2026/01", JANUARY),
        ("202601", JANUARY),
        ("01.2026", JANUARY),
        ("1/2026", JANUARY),
        ("Jan-26", JANUARY),
        ("jan 2026", JANUARY),
        ("January 2026", JANUARY),
        ("Jan26", JANUARY),
        ("Sept 2026", date(2026, 9, 1)),
        ("2026-01-31", LAST),
        ("2026/1/31", LAST),
        ("20260131", LAST),
        ("31.01.2026", LAST),
        ("31-Jan-26", LAST),
        ("31 January 2026", LAST),
        ("2026-01-31 00:00:00", LAST),
        ("2026-01-31T14:30", LAST),
    ],
)
def test_periods_are_read_in_every_usual_spelling(text: str, value: date) -> None:
    assert period(text) == value


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-02-30", "Jam-26", "week 5", "1-2-3", "0001-01", "12", "Janx 2026"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="is not a date or period"):
        period(text)


@given(st.dates(date(1901, 1, 1), date(2199, 12, 31)))
def test_a_date_comes_back_from_every_spelling(day: date) -> None:
    spellings = ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d-%b-%Y", "%d %B %Y")
    assert {period(day.strftime(spelling)) for spelling in spellings} == {day}
    assert period(day.strftime("%d/%m/%Y"), days_first=True) == day
    assert period(day.strftime("%m/%d/%Y"), days_first=False) == day


def test_slashed_dates_are_settled_by_the_column_or_refused() -> None:
    assert day_first(["03/04/2026", "13/04/2026"]) is True
    assert day_first(["03/04/2026", "03/14/2026"]) is False
    assert day_first(["03/04/2026", "05/06/2026"]) is None
    assert period("04/04/2026") == date(2026, 4, 4)
    with pytest.raises(BadValue, match="could be 2026-04-03 or 2026-03-04"):
        period("03/04/2026")


def test_percent_signs_belong_to_percent_columns_only(warehouse: Warehouse) -> None:
    columns = warehouse.catalogue["bill_of_material"].column
    cells = pd.Series(["12%", "0.5 %"], index=[2, 3])
    values, issues = read_cells("f", cells, columns["scrap_pct"], ".")
    assert values.to_list() == [12.0, 0.5] and issues == []
    _, issues = read_cells("f", cells, columns["quantity_per"], ".")
    assert [issue.line for issue in issues] == [2, 3]


def test_words_and_yes_or_no_are_read_in_any_case(warehouse: Warehouse) -> None:
    mode = warehouse.catalogue["sourcing"].column["mode"]
    sellable = warehouse.catalogue["product"].column["sellable"]
    values, issues = read_cells("f", pd.Series(["Make", "BUY"]), mode, None)
    assert values.to_list() == ["make", "buy"] and issues == []
    values, issues = read_cells("f", pd.Series(["Yes", "n", "TRUE", "0", "maybe", ""]), sellable, None)
    assert values.to_list() == [True, False, True, False, None, None]
    assert [(issue.value, issue.problem) for issue in issues] == [("maybe", "is neither yes nor no")]
