"""Bars calls of the kernel that no submission has a use for: a filter (seccomp) on Linux.

It needs no rights, is inherited by all that is started, and cannot be taken off. Where there are no
namespaces it is what keeps a submission off the network and off the processes of others.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

__all__ = ["bar_calls"]

# linux/seccomp.h, linux/bpf_common.h, linux/audit.h
SET_FILTER, FILTER_MODE = 22, 2
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, MACHINE, FIRST = 0, 4, 16  # where they stand in what the filter sees
OTHER_NUMBERS = 0x40000000  # of the x32 calls of x86-64
NAMESPACES = 0x7E020080  # flags of `clone` that make one

#: Numbers of calls on x86-64 and on 64-bit ARM.
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
#: Other processes' memory, the kernel's own devices, new namespaces.
NEVER = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
}
#: What reaches others where nothing else keeps them apart: the network, and signals.
OUTSIDE = {
    "socket": (41, 198),
    "connect": (42, 203),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
}
#: Signals that a process may send to itself.
SIGNALS = {"kill": (62, 129), "tgkill": (234, 131)}
CLONE, CLONE3 = (56, 220), (435, 435)


def _line(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def _program(machine: str, apart: bool) -> bytes:
    """Return the filter: a list of comparisons, each with the lines that are skipped."""
    name, column = MACHINES[machine]
    refused = _line(RETURN, REFUSE | errno.EPERM)
    lines = [_line(LOAD, MACHINE), _line(EQUAL, name, 1, 0), _line(RETURN, KILL)]
    lines += [_line(LOAD, NUMBER), _line(AT_LEAST, OTHER_NUMBERS, 0, 1), refused]
    barred = NEVER if apart else NEVER | OUTSIDE
    for numbers in barred.values():
        lines += [_line(EQUAL, numbers[column], 0, 1), refused]
    # The C library takes `clone` where there is no `clone3`, whose flags no filter sees.
    lines += [_line(EQUAL, CLONE3[column], 0, 1), _line(RETURN, REFUSE | errno.ENOSYS)]
    lines += [_line(EQUAL, CLONE[column], 0, 4), _line(LOAD, FIRST)]
    lines += [_line(ANY_BIT, NAMESPACES, 0, 1), refused, _line(RETURN, ALLOW)]
    if not apart:
        for numbers in SIGNALS.values():
            lines += [_line(EQUAL, numbers[column], 0, 4), _line(LOAD, FIRST)]
            lines += [_line(EQUAL, os.getpid(), 1, 0), refused, _line(RETURN, ALLOW)]
    return b"".join([*lines, _line(RETURN, ALLOW)])


class _Filter(ctypes.Structure):
    _fields_ = [("lines", ctypes.c_ushort), ("program", ctypes.c_char_p)]


def bar_calls(apart: bool) -> bool:
    """Bar calls for this process, and for all that it starts.

    Parameters
    ----------
    apart : bool
        Whether namespaces keep it from the network and from other processes. Without them these
        calls are barred too, and a process can send signals to itself alone.

    Returns
    -------
    barred : bool
        False where the system, or this program, has no such filter.
    """
    machine = os.uname().machine
    if machine not in MACHINES:
        return False
    text = _program(machine, apart)
    program = _Filter(len(text) // 8, text)
    library = ctypes.CDLL(None, use_errno=True)
    return library.prctl(SET_FILTER, FILTER_MODE, ctypes.byref(program), 0, 0) == 0
