"""What leaves the house to be kept: exports of history with their proofs, and documents made of what cases know."""
