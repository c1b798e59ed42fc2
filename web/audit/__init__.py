"""Audit: history searched, decisions traced to their mandate and text, chains verified, exports."""
