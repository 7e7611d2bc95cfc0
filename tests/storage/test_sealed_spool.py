"""The spool gives back what was written and shows the disk nothing of it."""

import io

import pytest

from app.storage.sealed_file import CHUNK_BYTES
from app.storage.sealed_spool import SealedSpool

LINE = b'{"type":"note","text":"Began on Monday"}\n'


@pytest.mark.parametrize("times", [0, 1, 2 * CHUNK_BYTES // len(LINE), 5 * CHUNK_BYTES])
def test_what_was_written_is_read_and_not_on_the_disk(times):
    with SealedSpool() as spool:
        for _ in range(times):
            spool.write(LINE)
        for _ in range(2):
            with spool.content() as content:
                assert content.read() == LINE * times
        with spool.content() as content:
            assert content.seek(0, io.SEEK_END) == times * len(LINE)
        spool._file.seek(0)
        assert b"Monday" not in spool._file.read()
        assert isinstance(spool._file.name, int), "it has no name"
    assert spool._file.closed
    spool.close()


def test_two_spools_have_two_keys():
    with SealedSpool() as one, SealedSpool() as two:
        assert one._key != two._key
