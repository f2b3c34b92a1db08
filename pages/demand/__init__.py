"""The sections of the demand review, in the order of its agenda; each shows itself on an opened page."""
