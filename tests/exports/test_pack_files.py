"""The three files read back: they hold the content's numbers, open offline, and no text becomes a formula."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache

import openpyxl
import pytest
from pptx import Presentation
from pptx.util import Emu

from sop_engine.executive_sop.scorecard import FIGURES, scorecard
from sop_engine.exports.pack import build_pack
from sop_engine.exports.pack_content import Chart, Table
from sop_engine.exports.pack_files import MIME, pack_files
from tests.exports.packs import HOSTILE, sales_material, small_material

MATERIALS = {"small": small_material, "sales only": sales_material}


@cache
def files(which: str) -> dict[str, bytes]:
    return {name.rpartition(".")[2]: content for name, content in pack_files(MATERIALS[which]()).items()}


def deck(which: str) -> Presentation:
    return Presentation(io.BytesIO(files(which)["pptx"]))


def book(which: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(files(which)["xlsx"]))


def column(sheet: openpyxl.worksheet.worksheet.Worksheet, name: str) -> list[object]:
    """Cells below a heading, which stands in the fourth row."""
    at = next(cell.column for cell in sheet[4] if cell.value == name)
    return [sheet.cell(row, at).value for row in range(5, sheet.max_row + 1)]


def test_names_hold_cycle_and_version_and_progress_is_told() -> None:
    material, told = small_material(), []
    made = pack_files(material, lambda done, total: told.append((done, total)))
    stem = f"sop_2014-01_{material.plan.inputs.version[:6]}"
    assert list(made) == [f"{stem}_preread.pptx", f"{stem}_preread.html", f"{stem}_scenarios.xlsx"]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {f".{name.rpartition('.')[2]}" for name in made} == set(MIME)


@pytest.mark.parametrize("which", MATERIALS)
def test_slides_hold_the_numbers_of_the_content(which: str) -> None:
    pack, drawn = build_pack(MATERIALS[which]()), deck(which)
    assert len(drawn.slides) == len(pack.slides)
    for slide, content in zip(drawn.slides, pack.slides, strict=True):
        assert slide.shapes.title.text_frame.text == content.title
        assert content.source in slide.notes_slide.notes_text_frame.text
        charts = [shape.chart for shape in slide.shapes if shape.has_chart]
        wanted = [block for block in content.blocks if isinstance(block, Chart)]
        assert len(charts) == len(wanted)
        for chart, block in zip(charts, wanted, strict=True):
            held = {one.name: one.values for plot in chart.plots for one in plot.series}
            assert held == {one.name: one.values for one in block.series}
            assert tuple(chart.plots[0].categories) == block.categories
            embedded = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active
            assert [cell.value for cell in embedded["A"][1:]] == list(block.categories)


@pytest.mark.parametrize("which", MATERIALS)
def test_charts_and_tables_can_be_heard_and_stay_on_the_slide(which: str) -> None:
    drawn = deck(which)
    for slide in drawn.slides:
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table:
                assert shape._element.nvGraphicFramePr.cNvPr.get("descr")
            assert shape.left >= 0 and shape.left + shape.width <= drawn.slide_width
            assert shape.top + shape.height <= drawn.slide_height + Emu(1)


def test_the_notation_is_native() -> None:
    slide = next(s for s in deck("small").slides if "lands at" in s.shapes.title.text_frame.text)
    chart = next(shape.chart for shape in slide.shapes if shape.has_chart)
    looks = {one.name: one.format for one in chart.plots[0].series}
    assert str(looks["Actual or plan"].fill.fore_color.rgb) == "1F5FA8"
    assert looks["Budget"].fill.type is not None and looks["Budget"].line.color.rgb is not None
    gaps = [shape.chart for shape in slide.shapes if shape.has_chart][1]
    assert "▲" in gaps.plots[0].series[0].data_labels.number_format


@pytest.mark.parametrize("which", MATERIALS)
def test_no_cell_of_any_workbook_is_a_formula_or_a_link(which: str) -> None:
    found = [files(which)["xlsx"]]
    with zipfile.ZipFile(io.BytesIO(files(which)["pptx"])) as archive:
        found += [archive.read(name) for name in archive.namelist() if name.endswith(".xlsx")]
    assert len(found) > 1
    for content in found:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            xml = "".join(archive.read(n).decode() for n in archive.namelist() if "worksheets/sheet" in n)
        assert "<f>" not in xml and "<hyperlink" not in xml


def test_hostile_names_stay_the_texts_they_are() -> None:
    cells = {
        cell.value: cell.data_type
        for sheet in book("small")
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    }
    for name in (HOSTILE[0], HOSTILE[1], HOSTILE[4], HOSTILE[5]):
        assert any(text == name and kind in ("s", "inlineStr") for text, kind in cells.items()), name
    shown = "\n".join(
        cell.text
        for slide in deck("small").slides
        for shape in slide.shapes
        if shape.has_table
        for row in shape.table.rows
        for cell in row.cells
    )
    assert all(name in shown for name in (HOSTILE[0], HOSTILE[2], HOSTILE[3], HOSTILE[4]))


def test_the_workbook_holds_the_engines_numbers() -> None:
    material, sheets = small_material(), book("small")
    card = scorecard(material.plan)
    found = dict(
        zip(column(sheets["Scorecard"], "Figure"), column(sheets["Scorecard"], "Fiscal year"), strict=True)
    )
    for figure in FIGURES:
        assert found[figure.label] == pytest.approx(getattr(card, figure.key), rel=1e-9)
    lines = zip(*(column(sheets["Finance"], name) for name in ("Line", "Total")), strict=True)
    revenue = material.plan.finance.revenue[:, :, : material.plan.inputs.calendar.horizon].sum()
    assert sum(total for line, total in lines if line == "revenue") == pytest.approx(revenue)
    demand = sheets["Demand"]
    total = [
        v
        for f, m, v in zip(*(column(demand, n) for n in ("Family", "Measure", "Jan 14")), strict=True)
        if (f, m) == ("Total", "units")
    ]
    assert total[0] == pytest.approx(material.plan.demand.unconstrained[:, :, 0].sum())


def test_sheets_are_frozen_filtered_formatted_and_drawn() -> None:
    sheets = book("small")
    assert sheets.sheetnames == [
        "Scorecard",
        "Scenarios",
        "Outlook",
        "Demand",
        "Supply",
        "Shortages",
        "Production plan",
        "Inventory",
        "Finance",
        "Inputs",
        "Decisions",
    ]
    for sheet in sheets:
        assert sheet.freeze_panes and sheet.auto_filter.ref
    assert sum(len(sheet._charts) for sheet in sheets) >= 4
    assert sheets["Scorecard"]["C5"].number_format == "#,##0.00"


def test_a_workbook_of_sales_only_has_no_error_and_no_nan() -> None:
    for sheet in book("sales only"):
        for row in sheet.iter_rows(values_only=True):
            assert not [
                cell for cell in row if isinstance(cell, str) and (cell == "nan" or cell.startswith("#"))
            ]


@pytest.mark.parametrize("which", MATERIALS)
def test_the_page_needs_no_network_and_shows_every_row(which: str) -> None:
    page = files(which)["html"].decode()
    own = re.sub(r"<script>.*?</script>", "", page, flags=re.S)
    assert (
        not re.findall(r"""(?:src|href)\s*=\s*['"](?!#)""", own)
        and "@import" not in own
        and "url(" not in own
    )
    assert '"showSendToCloud": false' in page and '"displaylogo": false' in page
    assert "prefers-color-scheme: dark" in page and "@media print" in page
    pack = build_pack(MATERIALS[which]())
    rows = sum(
        len(block.rows) + 1 for slide in pack.slides for block in slide.blocks if isinstance(block, Table)
    )
    assert own.count("<tr>") == rows
    assert "NaN" not in page[page.index("const FIGURES") :]


def test_a_text_cannot_become_markup() -> None:
    from dataclasses import replace

    pack = build_pack(small_material())
    hostile = replace(pack.slides[1], title="</script><script>alert(1)</script>")
    from sop_engine.exports.page import html_page

    assert "<script>alert(1)" not in html_page(replace(pack, slides=(pack.slides[0], hostile)))
