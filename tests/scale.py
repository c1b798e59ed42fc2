"""How large the generated tests are: 1 in CI; `make test-long` asks for more examples by TEST_SCALE."""

from __future__ import annotations

import os

SCALE = int(os.environ.get("TEST_SCALE", "1"))
