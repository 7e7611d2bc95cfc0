"""Sealed files: what went in comes out from any place, and nothing that was touched opens."""

import io
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import IntegrityBroken
from app.storage.sealed_file import CHUNK_BYTES, SealedWriter, content_bytes, reading

KEY_ID, KEY, CONTRACT = b"k" * 16, b"s" * 32, "contract-1"
HEADER, SEALED = 54, CHUNK_BYTES + 16


def sealed(content: bytes, contract_id: str = CONTRACT, step: int = 50_000) -> bytes:
    file = io.BytesIO()
    writer = SealedWriter(file, KEY_ID, KEY, contract_id)
    for start in range(0, len(content), step):
        writer.write(content[start : start + step])
    writer.finish()
    writer.finish()
    return file.getvalue()


def opened(raw: bytes, contract_id: str = CONTRACT, key: bytes = KEY) -> bytes:
    with reading(io.BytesIO(raw), lambda _: key, contract_id) as file:
        return file.read()


SIZES = [
    0, 1, 15, 16, 17, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES,
    3 * CHUNK_BYTES + 7,
]  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_what_went_in_comes_out(size):
    content = secrets.token_bytes(size)
    raw = sealed(content)
    assert opened(raw) == content
    assert content_bytes(len(raw)) == size
    assert size < 16 or content[:16] not in raw


@given(st.binary(max_size=300), st.integers(1, 50), st.lists(st.integers(0, 320), max_size=6))
def test_it_is_read_from_any_place(content, step, places):
    content = content * 700  # several chunks
    with reading(io.BytesIO(sealed(content, step=step * 997)), lambda _: KEY, CONTRACT) as file:
        for place in places:
            start = place * 700
            file.seek(start)
            assert file.read(9) == content[start : start + 9]
        file.seek(0, io.SEEK_END)
        assert file.tell() == len(content)


def test_two_files_of_the_same_content_look_different():
    assert sealed(b"the same") != sealed(b"the same")


CONTENT = bytes(range(256)) * 600  # 153,600 bytes: three chunks


def flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda raw: flipped(raw, 0), id="mark"),
        pytest.param(lambda raw: flipped(raw, 10), id="key id"),
        pytest.param(lambda raw: flipped(raw, 30), id="salt"),
        pytest.param(lambda raw: flipped(raw, HEADER), id="first chunk"),
        pytest.param(lambda raw: flipped(raw, len(raw) - 1), id="last tag"),
        pytest.param(lambda raw: raw[:-1], id="one byte short"),
        pytest.param(lambda raw: raw + b"\0", id="one byte more"),
        pytest.param(lambda raw: raw[: HEADER + 2 * SEALED], id="last chunk cut off"),
        pytest.param(lambda raw: raw[: HEADER + SEALED], id="two chunks cut off"),
        pytest.param(lambda raw: raw[:HEADER], id="only the header"),
        pytest.param(lambda raw: raw[:20], id="half a header"),
        pytest.param(lambda raw: b"", id="nothing"),
        pytest.param(lambda raw: CONTENT, id="never sealed"),
        pytest.param(
            lambda raw: (
                raw[:HEADER]
                + raw[HEADER + SEALED : HEADER + 2 * SEALED]
                + raw[HEADER : HEADER + SEALED]
                + raw[HEADER + 2 * SEALED :]
            ),
            id="chunks swapped",
        ),
        pytest.param(
            lambda raw: raw[:HEADER] + sealed(CONTENT)[HEADER:], id="chunks of another file"
        ),
    ],
)
def test_nothing_that_was_touched_opens(change):
    raw = sealed(CONTENT)
    assert opened(raw) == CONTENT
    with pytest.raises(IntegrityBroken) as broken:
        opened(change(raw))
    assert broken.value.code == "evidence-file-damaged"


def test_a_file_opens_in_its_own_contract_and_under_its_own_key_only():
    raw = sealed(CONTENT)
    for contract_id, key in (("contract-2", KEY), (CONTRACT, b"t" * 32)):
        with pytest.raises(IntegrityBroken):
            opened(raw, contract_id, key)


@pytest.mark.parametrize(("sealed_bytes", "size"), [(0, 0), (54, 0), (69, 0), (70, 0), (71, 1)])
def test_content_bytes(sealed_bytes, size):
    assert content_bytes(sealed_bytes) == size


def test_a_place_before_the_start_is_refused_as_by_a_file():
    with reading(io.BytesIO(sealed(b"short")), lambda _: KEY, CONTRACT) as file:
        file.seek(-5, io.SEEK_END)
        with pytest.raises(OSError, match="before the start"):
            file.seek(-22, io.SEEK_END)
        assert file.read() == b"short"
