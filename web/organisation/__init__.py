"""The organisation: programme areas and who answers for them, bodies and meetings, and what the profile assumes."""
