"""The memory: one file per noun, its table and its queries together."""
