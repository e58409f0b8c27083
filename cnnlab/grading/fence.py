"""Keeps a process to some folders where no namespaces are allowed: Landlock, on Linux from 5.13.

It needs no rights, is inherited by all that is started, and cannot be taken off.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterable, Iterator, Sequence

from cnnlab.grading.rooms import DEVICES, SETTINGS, SYSTEM

__all__ = ["fence_in", "without"]

# linux/landlock.h; the same numbers on all processors.
CREATE, ADD, RESTRICT = 444, 445, 446
VERSION, BENEATH = 1, 1
EXECUTE, WRITE, READ, LIST = 1, 2, 4, 8
TRUNCATE = 1 << 14
#: What can be kept to folders, by the version that began to know it.
FILES = {1: (1 << 13) - 1, 2: 1 << 13, 3: TRUNCATE, 5: 1 << 15}
SIGNALS_AND_SOCKETS = 3  # from version 6: those of processes outside

#: What says how many processors there are, and what this process holds.
KERNEL = ("/proc", "/sys/devices/system/cpu")


class _Ruleset(ctypes.Structure):
    _fields_ = [
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scope", ctypes.c_uint64),
    ]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def fence_in(work: str, readable: Iterable[str], covered: Sequence[str]) -> bool:
    """Let this process read some folders and write one, for good.

    Parameters
    ----------
    work : str
        The folder that it may write.
    readable : iterable of str
        Folders that it may read, beside those of the system.
    covered : sequence of str
        Folders in these that it may not read.

    Returns
    -------
    fenced : bool
        False where the system has no such fence.
    """
    library = ctypes.CDLL(None, use_errno=True)
    version = library.syscall(CREATE, None, ctypes.c_size_t(0), VERSION)
    if version < 1:
        return False
    files = sum(bits for first, bits in FILES.items() if version >= first)
    rules = _Ruleset(files, 0, SIGNALS_AND_SOCKETS if version >= 6 else 0)
    size = 24 if version >= 6 else 8
    ruleset = library.syscall(CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    writing = (WRITE | READ | TRUNCATE) & files
    allowed = [(work, files), *((f"/dev/{name}", writing) for name in DEVICES)]
    for folder in (*SYSTEM, *KERNEL, *readable):
        allowed += [(path, bits & files) for path, bits in without(folder, covered)]
    allowed += [(path, READ | LIST) for path in SETTINGS]
    for path, bits in allowed:
        with contextlib.suppress(OSError):
            _allow(library, ruleset, path, bits)
    fenced = library.syscall(RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return fenced


def _allow(library: ctypes.CDLL, ruleset: int, path: str, bits: int) -> None:
    if not os.path.isdir(path):
        bits &= EXECUTE | WRITE | READ | TRUNCATE
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _Beneath(bits, descriptor)
        library.syscall(ADD, ruleset, BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(descriptor)


def without(folder: str, covered: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield what is allowed so that all of a folder can be read but what lies in `covered`.

    Parameters
    ----------
    folder : str
        An absolute path.
    covered : sequence of str
        Absolute paths.

    Yields
    ------
    path : str
        A folder or a file.
    bits : int
        What is allowed in all of it: to read, or to see the names alone.
    """
    inside = [path for path in covered if path.startswith(os.path.join(folder, ""))]
    if folder in covered:
        return
    if not inside:
        yield folder, EXECUTE | READ | LIST
        return
    yield folder, LIST
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            yield from without(os.path.join(folder, name), inside)
