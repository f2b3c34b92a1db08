"""All templates of the planner's tables in one archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from sop_engine.warehouse import Table, template


def zipped_templates(catalogue: Mapping[str, Table]) -> bytes:
    """A ZIP with one CSV per planner table, named after it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in catalogue.values():
            if table.group == "planner":
                archive.writestr(f"{table.name}.csv", template(table))
    return packed.getvalue()
