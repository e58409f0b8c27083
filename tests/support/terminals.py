"""A terminal that a program writes to."""

import os


def seen_on_terminal(start):
    """Begin a program with ``start(stdout=..., stderr=...)``; return its exit code and bytes."""
    import fcntl
    import struct
    import termios

    mine, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with start(stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(mine, 1000):
                seen += piece
        except OSError:  # how Linux says that the other side was closed
            pass
    os.close(mine)
    return process.returncode, seen
