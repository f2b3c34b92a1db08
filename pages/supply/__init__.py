"""The sections of the supply review, in the order of its agenda; each shows itself on an opened page."""
