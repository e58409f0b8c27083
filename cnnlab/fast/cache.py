"""Compiled kernels are kept on disk, in a folder that is named after the sources they come from.

Numba's own cache looks at one file for each kernel, and does not see that another file changed
whose functions or constants the kernel uses. Here the sources of the whole folder `cnnlab/fast` are
one fingerprint: whichever of them changes, everything is compiled anew.

Nothing here is ever in the way: where no folder can be written to, kernels are compiled in every
process; a file that cannot be read is compiled again.
"""

import hashlib
import os
import pickle
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import numba
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.misc.appdirs import AppDirs

from cnnlab.fast.progress import say_that_it_compiles
from cnnlab.files import write_whole

FOLDER = Path(__file__).parent

# So many sets of kernels are kept: for other Pythons, and of earlier states of the sources.
SETS = 8


def _fingerprint():
    """Return what decides about the machine code, but for the processor, as a short word."""
    parts = [numba.__version__, sys.version, sys.implementation.cache_tag]
    parts += [
        repr(getattr(numba.config, name)) for name in ("BOUNDSCHECK", "OPT", "LOOP_VECTORIZE")
    ]
    parts += [f"{path.name}\n{path.read_text('utf-8')}" for path in sorted(FOLDER.glob("*.py"))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


FINGERPRINT = _fingerprint()  # of the sources as they are now, which is how they are imported


def places():
    """Return the folders in which compiled kernels may be, the best one first."""
    if numba.config.CACHE_DIR:  # environment variable NUMBA_CACHE_DIR
        return [Path(numba.config.CACHE_DIR) / "cnnlab"]
    return [FOLDER / "__pycache__", Path(AppDirs("cnnlab", appauthor=False).user_cache_dir)]


class KernelCache(NullCache):
    """The compiled versions of one kernel on disk: what a dispatcher of Numba asks and tells."""

    def __init__(self, name):
        self.name = name

    def load_overload(self, signature, target):
        """Return the version for a signature from disk, or None if there is none."""
        target.refresh()
        for place in places():
            with suppress(Exception):  # missing, truncated, from elsewhere: it is compiled
                content = (place / self._path(signature, target.codegen())).read_bytes()
                digest, content = content[:32], content[32:]
                if digest == hashlib.sha256(content).digest():
                    return CompileResult._rebuild(target, *pickle.loads(content))
        say_that_it_compiles()
        return None

    def save_overload(self, signature, result):
        """Write a version to the first folder that takes it."""
        content = dumps(result._reduce())
        content = hashlib.sha256(content).digest() + content
        for place in places():
            with suppress(OSError):
                write(place / self._path(signature, result.codegen), content)
                return

    def _path(self, signature, codegen):
        key = hashlib.sha256(repr((str(signature), codegen.magic_tuple())).encode()).hexdigest()
        return Path(f"kernels-{FINGERPRINT}") / f"{self.name}-{key[:16]}.bin"


def write(path, content):
    """Write a file that is there as a whole or not at all."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True)
        forget_old_sets(path.parent)
    write_whole(path, content)


def forget_old_sets(newest):
    """Delete the kernels of sources that are long gone."""
    sets = sorted(newest.parent.glob("kernels-*"), key=os.path.getmtime, reverse=True)
    for old in sets[SETS:]:
        shutil.rmtree(old, ignore_errors=True)
