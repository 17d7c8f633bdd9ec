"""What passes between gateway and signer is exactly a question and an answer, or nothing."""

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from gateway.signer.frames import (
    MAX_LEAF_BYTES,
    MAX_LEAVES,
    MAX_QUESTION_BYTES,
    Answer,
    BadFrame,
    Head,
    Last,
    NothingSigned,
    Question,
    Refused,
    Sign,
    Unavailable,
    read_answer,
    read_question,
    receive,
    send,
    write_answer,
    write_question,
)

ROOT = bytes(range(32))
SIGN = write_question(Sign(2, ROOT, (b"one", b"two")))


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"\x03",
        b"\xff" * 8,
        b"\x01\x00",
        b"{}",
        SIGN[:-1],
        SIGN[:44],
        SIGN[:10],
        SIGN + b"\x00",
        SIGN + SIGN,
        struct.pack(">BQ32sI", 2, 2**53, ROOT, 0),
        struct.pack(">BQ32sI", 2, 2, ROOT, 3) + SIGN[45:],
        struct.pack(">BQ32sI", 2, 2, ROOT, 1) + SIGN[45:],
        struct.pack(">BQ32sI", 2, 2, ROOT, 2**32 - 1),
        struct.pack(">BQ32sI", 2, MAX_LEAVES + 1, ROOT, MAX_LEAVES + 1)
        + b"\0\0" * (MAX_LEAVES + 1),
        struct.pack(">BQ32sIH", 2, 1, ROOT, 1, MAX_LEAF_BYTES + 1) + bytes(MAX_LEAF_BYTES + 1),
    ],
    ids=lambda content: f"{len(content)}-bytes",
)
def test_question_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(BadFrame):
        read_question(content)


@pytest.mark.parametrize(
    "question",
    [
        Sign(1, ROOT, (bytes(MAX_LEAF_BYTES + 1),)),
        Sign(1, ROOT, (b"",) * (MAX_LEAVES + 1)),
        Sign(1, ROOT[1:], ()),
        Sign(-1, ROOT, ()),
        Sign(2**53, ROOT, ()),
    ],
    ids=["long leaf", "many leaves", "short root", "negative size", "large size"],
)
def test_question_that_does_not_fit_is_not_written(question: Question) -> None:
    with pytest.raises(BadFrame):
        write_question(question)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"\x05x",
        b"\x01",
        b"\x01\xff",
        b"\x02x",
        b"\x03",
        b"\x04",
        b"\x03line\n",
        b"\x04" + b"x" * 201,
        "\x03日本".encode(),
    ],
    ids=lambda content: content.hex()[:12] or "nothing",
)
def test_answer_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(BadFrame):
        read_answer(content)


def test_frame_longer_than_is_read_is_refused_before_it_is_taken(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    ours.sendall(struct.pack(">I", MAX_QUESTION_BYTES + 1))

    with pytest.raises(BadFrame):
        receive(theirs, limit=MAX_QUESTION_BYTES, within_s=5)


def test_frame_of_no_length_is_refused(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    ours.sendall(bytes(4))

    with pytest.raises(BadFrame):
        receive(theirs, limit=100, within_s=5)


@pytest.mark.parametrize("sent", [b"\0", b"\0\0\0", b"\0\0\0\5", b"\0\0\0\5four"], ids=bytes.hex)
def test_frame_that_ends_too_early_is_refused(
    pair: tuple[socket.socket, socket.socket], sent: bytes
) -> None:
    ours, theirs = pair
    ours.sendall(sent)
    ours.close()

    with pytest.raises(BadFrame):
        receive(theirs, limit=100, within_s=5)


def test_frame_that_takes_too_long_is_given_up(pair: tuple[socket.socket, socket.socket]) -> None:
    """Also where one is patient with its beginning."""
    ours, theirs = pair
    ours.sendall(b"\0\0\0\5four")

    with pytest.raises(TimeoutError):
        receive(theirs, limit=100, within_s=0.1, patient=True)


def test_largest_question_is_read_as_it_was_written(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    question = Sign(2**53 - 1, ROOT, (bytes(MAX_LEAF_BYTES),) * MAX_LEAVES)
    content = write_question(question)
    sender = threading.Thread(target=send, args=(ours, content), kwargs={"within_s": 60})
    sender.start()

    received = receive(theirs, limit=MAX_QUESTION_BYTES, within_s=60)
    sender.join()

    assert MAX_QUESTION_BYTES == len(content)
    assert received is not None
    assert question == read_question(received)


@pytest.mark.parametrize(
    "question", [Last(), Sign(0, ROOT, ()), Sign(3, ROOT, (b"", b"leaf", bytes(MAX_LEAF_BYTES)))]
)
def test_question_is_read_as_it_was_written(question: Question) -> None:
    assert question == read_question(write_question(question))


@pytest.mark.parametrize(
    "answer", [Head("a note\n"), NothingSigned(), Refused("no"), Unavailable("not now")]
)
def test_answer_is_read_as_it_was_written(answer: Answer) -> None:
    assert answer == read_answer(write_answer(answer))


def test_reason_that_could_carry_something_is_not_told() -> None:
    assert Refused("for a reason of its own") == read_answer(write_answer(Refused("田中\n")))


def test_connection_closed_between_frames_is_an_end(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    send(ours, b"one", within_s=5)
    ours.close()

    assert b"one" == receive(theirs, limit=3, within_s=5)
    assert receive(theirs, limit=3, within_s=5) is None
