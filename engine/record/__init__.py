"""What leaves the history: exports and proofs."""
