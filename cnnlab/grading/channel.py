"""Messages between the grader and the process of a submission: a header in JSON, then raw bytes.

A message is eight letters, two lengths, a header and the bytes of its arrays. Nothing is made on
the word of the other side: lengths are compared with what is allowed before anything is read, and
bytes are kept only as they arrive. Whatever does not fit is a `WrongMessage`.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from typing import Any

__all__ = ["Channel", "Closed", "Overdue", "WrongMessage"]

START = b"cnnlab:1"
LENGTHS = struct.Struct("!8sIQ")
HEADER = 2 * 1024 * 1024  # bytes of a header at most
PIECE = 256 * 1024  # bytes that are read at once


class WrongMessage(Exception):  # noqa: N818 - what it is, not that it is an error of ours
    """What came is no message, or another one than was waited for."""


class Closed(Exception):  # noqa: N818
    """The other side has ended."""


class Overdue(Exception):  # noqa: N818
    """Nothing came in time."""


class Channel:
    """One end of a pair of sockets.

    Parameters
    ----------
    end : socket.socket
        The end that is read and written.
    longest : int
        Bytes behind the header of one message that are accepted.
    """

    def __init__(self, end: socket.socket, longest: int) -> None:
        self._end = end
        self._longest = longest

    def send(self, header: dict[str, Any], data: bytes = b"", until: float | None = None) -> None:
        """Send a message; `until` is a time of `time.monotonic`, None is for ever.

        Raises
        ------
        Closed
            If the other side has ended.
        Overdue
            If it does not read in time.
        """
        text = json.dumps(header).encode("ascii")
        view = memoryview(LENGTHS.pack(START, len(text), len(data)) + text + data)
        while view:
            self._wait(until, writing=True)
            try:
                sent = self._end.send(view[:PIECE], getattr(socket, "MSG_DONTWAIT", 0))
            except BlockingIOError:
                continue
            except OSError as error:
                raise Closed from error
            view = view[sent:]

    def receive(self, until: float | None = None) -> tuple[dict[str, Any], bytes]:
        """Return the header and the bytes of the next message.

        Raises
        ------
        WrongMessage
            If what comes is none.
        Closed
            If the other side has ended.
        Overdue
            If it does not come in time.
        """
        start, header, data = LENGTHS.unpack(self._read(LENGTHS.size, until))
        if start != START or header > HEADER or data > self._longest:
            raise WrongMessage
        text = self._read(header, until)
        try:
            told = json.loads(text.decode("ascii"))
        except (ValueError, RecursionError) as error:
            raise WrongMessage from error
        if type(told) is not dict:
            raise WrongMessage
        return told, self._read(data, until)

    def _read(self, length: int, until: float | None) -> bytes:
        read = bytearray()
        while len(read) < length:
            self._wait(until)
            try:
                piece = self._end.recv(min(PIECE, length - len(read)))
            except OSError as error:
                raise Closed from error
            if not piece:
                raise Closed
            read += piece
        return bytes(read)

    def _wait(self, until: float | None, writing: bool = False) -> None:
        """Wait until the socket is ready."""
        if until is None:
            return
        poll = select.poll()
        poll.register(self._end, select.POLLOUT if writing else select.POLLIN)
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise Overdue
