"""The long tests start from the same town as the tests of the moves."""

from tests.engine.conftest import one_town, town

__all__ = ["one_town", "town"]
