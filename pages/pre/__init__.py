"""The sections of pre-S&OP: one file for each question of the meeting."""
