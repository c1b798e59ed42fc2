"""The register of local additions: what the region has added to national knowledge support."""
