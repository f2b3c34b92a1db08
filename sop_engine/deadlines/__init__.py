"""Until when an option can be decided, and what each period of waiting costs: solved, never guessed."""
