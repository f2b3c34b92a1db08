"""The executive meeting: the scorecard, scenarios side by side, and decisions."""
