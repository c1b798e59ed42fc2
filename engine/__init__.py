"""The moves of a case: everything that can change one comes through here."""
