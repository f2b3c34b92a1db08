"""What was on screen when something was written down: page, open section, filter, window, baseline, scenario
and data, so that the view can be opened again and said in the minutes."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sop_engine.errors import RecordError
from sop_engine.scenario import BASELINE, Scenario

SECTION = "_tabs"
FILTER = "filter_"
WINDOW, AGAINST = "strip_window", "strip_baseline"
_IN_WORDS = ("filter_family", "filter_category", "filter_market")


@dataclass(frozen=True)
class Evidence:
    """One view of the app.

    page: name of its file; title: as people read it
    state: (key, value) of what is chosen on it: sections end with "_tabs", filters begin with "filter_"
    scenario: the working levers; data_version: of the inputs
    """

    page: str
    title: str
    state: tuple[tuple[str, str], ...] = ()
    scenario: Scenario = BASELINE
    data_version: str = ""

    @property
    def section(self) -> str:
        """The sections that are open, "" where the page has none."""
        return ", ".join(value for key, value in self.state if key.endswith(SECTION))

    @property
    def scope(self) -> str:
        """What the filter selects, the family before its category; "" for the whole company."""
        chosen = dict(self.state)
        family, category, market = (chosen.get(key, "") for key in _IN_WORDS)
        return ", ".join(filter(None, [family or category, market]))

    def words(self) -> str:
        """Such as: Demand review, Overrides · Road Bikes, Europe · next 12 vs baseline · Price +2 %."""
        chosen = dict(self.state)
        window = chosen.get(WINDOW, "").replace("_", " ")
        against = chosen.get(AGAINST, "")
        parts = [
            ", ".join(filter(None, [self.title, self.section])),
            self.scope or "whole company",
            " vs ".join(filter(None, [window, against])),
            "" if self.scenario.is_baseline else self.scenario.in_words(),
            f"data {self.data_version[:6]}" if self.data_version else "",
        ]
        return " · ".join(filter(None, parts))

    def to_json(self) -> str:
        """The text that a record keeps; `from_json` reads it back."""
        return json.dumps(
            {
                "page": self.page,
                "title": self.title,
                "state": dict(self.state),
                "levers": self.scenario.to_json(),
                "data_version": self.data_version,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Evidence:
        """The view that a record keeps. Raises RecordError where the text holds none."""
        try:
            kept = json.loads(text)
            return cls(
                kept["page"],
                kept["title"],
                tuple(sorted(kept["state"].items())),
                Scenario.from_json(kept["levers"]),
                kept["data_version"],
            )
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise RecordError(
                f"This record holds no view that can be opened ({fault}). Its words stand as they are."
            ) from fault
