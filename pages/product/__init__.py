"""The sections of the product review."""
