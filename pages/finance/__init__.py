"""The sections of the finance review."""
