"""The sections of the executive meeting; each shows itself on an opened page."""
