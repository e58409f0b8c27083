"""Whether tests that can go on for long shall do so: `make soak`, or CNNLAB_SOAK=1."""

import os

SOAK = os.environ.get("CNNLAB_SOAK", "") not in ("", "0")
