"""What is left to `make soak`: long, and much like what the default run holds already."""

import os

import pytest

ONLY = pytest.mark.skipif(not os.environ.get("CONCORDAT_SOAK"), reason="takes a minute or more: make soak runs it")
