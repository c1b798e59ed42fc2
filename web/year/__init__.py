"""The year: the wheel of national rounds, and what comes nearest."""
