"""What is left to `make soak`: long, and much like what the default run holds already."""

import pytest

ONLY = pytest.mark.soak
