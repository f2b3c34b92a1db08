"""The sections of the month: stages, tasks, open things, assumptions; each shows itself on an opened page."""
