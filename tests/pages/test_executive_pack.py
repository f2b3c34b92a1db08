"""The section Pack says what the pack will hold, makes it, and offers three files."""

from pathlib import Path

import pytest

from tests.pages.small import of_label, on_tab, opened, small_file, texts


def test_the_pack_is_made_and_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("executive_sop", small_file(tmp_path), monkeypatch), "executive_tabs", "Pack")
    assert not app.exception
    table = next(frame.value for frame in app.table if "Message" in frame.value)
    assert table["Message"].iloc[0] == "Executive S&OP, Jan 14"
    assert not app.get("download_button")
    of_label(app.button, "Make the pack").click().run()
    assert not app.exception
    labels = [button.proto.label for button in app.get("download_button")]
    assert len(labels) == 3 and labels[0].startswith("Pre-read, PowerPoint")
    assert "Made at" in texts(app)
