"""Word and Excel files that are broken, strange or too large inside: refused, never a failure."""

import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.errors import UnsupportedFile
from app.storage.evidence_types import DOCX as WORD
from app.storage.evidence_types import sniffed_type
from tests.samples import DOCX

TYPES = "[Content_Types].xml"
MAIN = "word/document.xml"
MAIN_TYPE = (
    b'<Override ContentType="application/vnd.openxmlformats-officedocument'
    b'.wordprocessingml.document.main+xml"/>'
)
MACRO = b'<Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'
MIB = 1024 * 1024


def packed(types=MAIN_TYPE, method=zipfile.ZIP_DEFLATED, more=0) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(TYPES, types)
        archive.writestr(MAIN, "<x/>")
        for number in range(more):
            archive.writestr(f"{number}", "")
    return buffer.getvalue()


def changed(content: bytes, place: int, value: int) -> bytes:
    return content[:place] + bytes([value]) + content[place + 1 :]


def directory(content: bytes) -> int:
    """Where the directory starts: the entry of the list of types."""
    return content.index(b"PK\x01\x02")


def data(content: bytes) -> int:
    """Where the list of types starts in a file that `packed` made."""
    return content.index(TYPES.encode()) + len(TYPES)


def twice() -> bytes:
    """Two lists of types: which one would another program read?"""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(TYPES, MAIN_TYPE)
        archive.writestr(MAIN, "<x/>")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(TYPES, MACRO)
    return buffer.getvalue()


def method_marked(method: int) -> bytes:
    """Deflated data said to be of another method, in both places where a zip says it."""
    content = packed()
    return changed(changed(content, 8, method), directory(content) + 10, method)


SOUND = packed()
BROKEN = {
    "bad deflate": changed(SOUND, data(SOUND), 0xFF),
    "bad checksum": changed(SOUND, directory(SOUND) + 16, 0x00),
    "bad bzip2": method_marked(zipfile.ZIP_BZIP2),
    "bad lzma": method_marked(zipfile.ZIP_LZMA),
    "good bzip2": packed(method=zipfile.ZIP_BZIP2),
    "good lzma": packed(method=zipfile.ZIP_LZMA),
    "unknown method": method_marked(99),
    "encrypted": changed(changed(SOUND, 6, 1), directory(SOUND) + 8, 1),
    "newer version": changed(SOUND, directory(SOUND) + 6, 99),
    "offset outside": changed(SOUND, directory(SOUND) + 45, 0x7F),
    "cut off": SOUND[:-30],
    "no directory": SOUND[: directory(SOUND)],
    "huge list of types": packed(MAIN_TYPE + b" " * MIB),
    "macros after the first MiB": packed(MAIN_TYPE + b" " * MIB + MACRO),
    "huge bzip2": packed(MAIN_TYPE + bytes(200 * MIB), zipfile.ZIP_BZIP2),
    "macros": packed(MAIN_TYPE + MACRO),
    "types twice": twice(),
    "many members": packed(more=10_000),
}


def test_the_sound_file_is_taken():
    assert sniffed_type(BytesIO(SOUND), WORD) == WORD
    assert sniffed_type(BytesIO(packed(method=zipfile.ZIP_STORED, more=9_998)), WORD) == WORD


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_or_strange_file_is_of_no_accepted_type(content):
    with pytest.raises(UnsupportedFile) as refusal:
        sniffed_type(BytesIO(content), WORD)
    assert refusal.value.code == "file-type-unsupported"


@given(
    st.sampled_from([SOUND, DOCX]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=4),
)
@example(SOUND, [(8, 14)])
def test_any_damage_is_either_harmless_or_refused(content, damages):
    for place, value in damages:
        content = changed(content, place % len(content), value)
    with suppress(UnsupportedFile):
        assert sniffed_type(BytesIO(content), WORD) == WORD
