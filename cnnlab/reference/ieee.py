"""How the loops treat overflow and NaN: as compiled code does, silently."""

import numpy as np

# A decorator. Without it NumPy warns about each inf or NaN that a scalar operation meets.
IEEE = np.errstate(over="ignore", under="ignore", invalid="ignore")
