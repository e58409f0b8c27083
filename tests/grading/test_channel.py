"""Messages between two sockets: whole ones arrive, others are refused before anything is made."""

import json
import socket
import struct
import threading
import time

import pytest
from support.failures import each

from cnnlab.grading.channel import HEADER, LENGTHS, START, Channel, Closed, Overdue, WrongMessage


@pytest.fixture
def ends():
    one, other = socket.socketpair()
    with one, other:
        yield Channel(one, 10_000_000), other


def test_a_message_arrives_whole(ends):
    channel, other = ends
    header, data = {"kind": "value", "text": "\ud800"}, bytes(range(256)) * 20_000
    sender = threading.Thread(target=Channel(other, 0).send, args=(header, data))
    sender.start()
    assert channel.receive(time.monotonic() + 10) == (header, data)
    sender.join()


@each(
    sent={
        "another start": LENGTHS.pack(b"cnnlab:0", 2, 0) + b"{}",
        "a long header": LENGTHS.pack(START, HEADER + 1, 0),
        "long bytes": LENGTHS.pack(START, 2, 10_000_001) + b"{}",
        "longest bytes": LENGTHS.pack(START, 2, (1 << 64) - 1) + b"{}",
        "no JSON": LENGTHS.pack(START, 1, 0) + b"{",
        "no text": LENGTHS.pack(START, 1, 0) + b"\xff",
        "a list": LENGTHS.pack(START, 2, 0) + b"[]",
        "deep": LENGTHS.pack(START, 200_000, 0) + b"[" * 200_000,
        "a long integer": LENGTHS.pack(START, 5000, 0) + b"1" * 5000,
    }
)
def test_what_is_no_message_is_refused(sent):
    one, other = socket.socketpair()
    with one, other:
        sender = threading.Thread(target=other.sendall, args=(sent,))
        sender.start()
        with pytest.raises(WrongMessage):
            Channel(one, 10_000_000).receive(time.monotonic() + 10)
        sender.join()


def test_half_a_message_is_waited_for_and_no_longer(ends):
    channel, other = ends
    text = json.dumps({"kind": "value"}).encode()
    other.sendall(struct.pack("!8sIQ", START, len(text), 5) + text + b"1234")
    begin = time.monotonic()
    with pytest.raises(Overdue):
        channel.receive(time.monotonic() + 0.05)
    assert time.monotonic() - begin < 1


def test_who_does_not_read_is_not_waited_for(ends):
    channel, _ = ends
    with pytest.raises(Overdue):
        channel.send({}, bytes(10_000_000), time.monotonic() + 0.05)


def test_the_end_of_the_other_side_is_told(ends):
    channel, other = ends
    other.sendall(LENGTHS.pack(START, 2, 0) + b"{")
    other.close()
    with pytest.raises(Closed):
        channel.receive(time.monotonic() + 10)
    with pytest.raises(Closed):
        channel.send({}, bytes(1_000_000))
