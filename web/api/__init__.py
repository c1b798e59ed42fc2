"""The programs' door: `/api/v1`, with bearer tokens, problem+json and an OpenAPI document."""
