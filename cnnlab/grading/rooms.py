"""What Linux offers to keep a process apart: namespaces, a file system of its own, another user.

Plain calls of the C library; Python 3.11 has none of them. Nothing here imports NumPy.
"""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Iterable
from pathlib import Path

__all__ = [
    "build_root",
    "enter_namespaces",
    "give_up_privileges",
    "hide_memory",
    "set_death_signal",
    "set_subreaper",
]

# linux/sched.h, linux/mount.h, linux/prctl.h
NEW_MOUNTS, NEW_NAMES, NEW_IPC = 0x00020000, 0x04000000, 0x08000000
NEW_USERS, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEVICES, NO_PROGRAMS = 1, 2, 4, 8
BIND, RECURSIVE, PRIVATE = 4096, 16384, 1 << 18
DETACH = 2
DEATH_SIGNAL, DUMPABLE, NO_NEW_PRIVILEGES, SUBREAPER = 1, 4, 38, 36
# The same numbers on all processors.
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MOUNT_SETATTR, HERE, AT_RECURSIVE, ATTRIBUTE_READ_ONLY = 442, -100, 0x8000, 1
CAPABILITIES_VERSION = 0x20080522

#: A user that nobody is: what runs as it may signal and read only itself.
FIRST_USER = 2_000_000_000
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/passwd", "/etc/group")
DEVICES = ("null", "zero", "full", "random", "urandom")


@functools.cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> int:
    result = getattr(_library(), name)(*arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
    return int(result)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    encoded = [os.fsencode(text) if text is not None else None for text in (source, target, kind)]
    _call("mount", *encoded, ctypes.c_ulong(flags), data.encode() or None)


class _Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("on", "off", "propagation", "namespace")]


def _make_read_only(target: str, recursive: bool = True) -> None:
    attributes = _Attributes(ATTRIBUTE_READ_ONLY, 0, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    path = os.fsencode(target)
    _call("syscall", MOUNT_SETATTR, HERE, path, flags, ctypes.byref(attributes), size)


def enter_namespaces() -> None:
    """Take namespaces of its own: processes, mounts, network, messages, names, and users.

    The next process that is started is the first one of them. Root needs no namespace of users.

    Raises
    ------
    OSError
        If the system allows it not.
    """
    kinds = NEW_PROCESSES | NEW_MOUNTS | NEW_NETWORK | NEW_IPC | NEW_NAMES
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        _call("unshare", kinds)
        return
    _call("unshare", kinds | NEW_USERS)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def build_root(
    work: str, readable: Iterable[str], covered: Iterable[str], *, size: int, files: int, owner: int
) -> None:
    """Go into a file system in which only some folders of this one are, and all is read-only.

    Parameters
    ----------
    work : str
        An empty folder. It is the only one that can be written, and lives in memory.
    readable : iterable of str
        Folders that are there, beside those of the system.
    covered : iterable of str
        Folders in these that are empty.
    size, files : int
        Bytes and files that fit into `work`.
    owner : int
        The user that it belongs to.

    Raises
    ------
    OSError
        If the system allows it not.
    """
    _mount(None, "/", None, RECURSIVE | PRIVATE)
    _mount("tmpfs", work, "tmpfs", NO_SUID | NO_DEVICES, "size=1m,mode=755")
    new = work
    bound = _bind_folders(new, readable)
    for path in SETTINGS:
        if os.path.exists(path):
            _bind(path, new)
    for folder in covered:
        if any(_is_inside(folder, place) for place in bound) and os.path.isdir(new + folder):
            _mount("tmpfs", new + folder, "tmpfs", READ_ONLY | NO_SUID | NO_DEVICES, "size=4k")
    os.makedirs(new + "/dev")
    for name in DEVICES:
        _bind(f"/dev/{name}", new, read_only=False)
    own = f"mode=700,uid={owner},nr_inodes={files}"
    for folder, room in ((work, size), ("/dev/shm", min(size, 1 << 24))):
        os.makedirs(new + folder)
        flags = NO_SUID | NO_DEVICES
        _mount("tmpfs", new + folder, "tmpfs", flags, f"size={room},{own}")
    os.makedirs(new + "/proc")
    _mount("proc", new + "/proc", "proc", NO_SUID | NO_DEVICES | NO_PROGRAMS)
    os.chdir(new)
    _call("syscall", PIVOT_ROOT[os.uname().machine], b".", b".")
    _call("umount2", b".", DETACH)
    os.chdir("/")
    _make_read_only("/", recursive=False)
    os.chdir(work)


def _bind_folders(new: str, readable: Iterable[str]) -> list[str]:
    """Show folders at their own places, read-only; return those that are shown."""
    bound: list[str] = []
    folders = {os.path.abspath(folder) for folder in (*SYSTEM, *readable)}
    for folder in sorted(folders, key=len):
        if any(_is_inside(folder, place) for place in bound) or not os.path.isdir(folder):
            continue
        if os.path.islink(folder) and folder in SYSTEM:
            os.symlink(os.readlink(folder), new + folder)
            continue
        _bind(folder, new)
        bound.append(folder)
    return bound


def _bind(path: str, new: str, read_only: bool = True) -> None:
    if os.path.isdir(path):
        os.makedirs(new + path, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(new + path), exist_ok=True)
        os.close(os.open(new + path, os.O_CREAT | os.O_WRONLY, 0o644))
    _mount(path, new + path, None, BIND | RECURSIVE)
    if read_only:
        _make_read_only(new + path)


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def set_death_signal(number: int) -> None:
    """Let this process get a signal when the one that started it ends."""
    _call("prctl", DEATH_SIGNAL, number, 0, 0, 0)


def hide_memory() -> None:
    """Let no other process of this user read the memory of this one, or its environment."""
    _call("prctl", DUMPABLE, 0, 0, 0, 0)


def set_subreaper() -> None:
    """Become the parent of all descendants whose own parent ends."""
    _call("prctl", SUBREAPER, 1, 0, 0, 0)


def give_up_privileges(user: int | None) -> None:
    """Become another user, without capabilities and without a way to get any.

    Parameters
    ----------
    user : int or None
        The user; None to stay who one is.
    """
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _call("prctl", DUMPABLE, 1, 0, 0, 0)  # it may read its own /proc/self
    _call("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0)
    none = (ctypes.c_uint32 * 6)()
    _call("capset", ctypes.byref(header), ctypes.byref(none))
