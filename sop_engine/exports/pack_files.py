"""The three files of a pack, made from one content so that they say the same."""

from __future__ import annotations

from collections.abc import Callable

from sop_engine.exports.pack import build_pack
from sop_engine.exports.pack_material import Material
from sop_engine.exports.page import html_page
from sop_engine.exports.slides import pptx_bytes
from sop_engine.exports.workbook import xlsx_bytes

MIME = {
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".html": "text/html",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
STEPS = ("Content", "Slides", "Offline page", "Workbook")


def pack_files(material: Material, progress: Callable[[int, int], None] | None = None) -> dict[str, bytes]:
    """{file name: content} of the presentation, the offline page and the scenario workbook.

    Names hold the cycle and the data version. progress: told (steps done, STEPS) after each step
    """
    told = progress or (lambda done, total: None)
    pack = build_pack(material)
    told(1, len(STEPS))
    made = {f"{pack.stem}_preread.pptx": pptx_bytes(pack)}
    told(2, len(STEPS))
    made[f"{pack.stem}_preread.html"] = html_page(pack).encode("utf-8")
    told(3, len(STEPS))
    made[f"{pack.stem}_scenarios.xlsx"] = xlsx_bytes(material)
    told(4, len(STEPS))
    return made
