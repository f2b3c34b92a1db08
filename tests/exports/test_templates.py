"""The archive holds the template of every planner table and nothing else."""

import io
import zipfile

from sop_engine.exports.templates import zipped_templates
from sop_engine.warehouse import open_warehouse


def test_every_planner_table_has_its_template() -> None:
    warehouse = open_warehouse(":memory:")
    with zipfile.ZipFile(io.BytesIO(zipped_templates(warehouse.catalogue))) as archive:
        planner = {f"{name}.csv" for name, table in warehouse.catalogue.items() if table.group == "planner"}
        assert set(archive.namelist()) == planner
        assert archive.read("price.csv").decode().startswith("product,market,period,price")
