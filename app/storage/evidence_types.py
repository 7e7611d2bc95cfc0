"""What an evidence file really is, judged by its content alone.

Accepted are the few types that evidence comes in and that can be checked: PDF, PNG, JPEG, plain
text and CSV in UTF-8, and Word and Excel files without macros. Everything else is refused.
"""

import codecs
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import IO

import puremagic

from app.domain.errors import UnsupportedFile

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
TEXT, CSV = "text/plain", "text/csv"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

ENDINGS = {
    PDF: "pdf",
    PNG: "png",
    JPEG: "jpg",
    TEXT: "txt",
    CSV: "csv",
    DOCX: "docx",
    XLSX: "xlsx",
}
"""Accepted media types, and the ending of a stored file's name for each."""

_TAIL_BYTES = 4096
_CHUNK_BYTES = 256 * 1024
_CONTENT_TYPES_MAX = 1024 * 1024
_CONTENT_TYPES = "[Content_Types].xml"
_MEMBERS_MAX = 10_000
_UNPACKED_MAX = 256 * 1024 * 1024
_PDF_MARK_WITHIN = 1024
_MEMBER_MARK = b"PK\x01\x02"
# What Office writes. For the other methods the library decompresses all that it has read at once.
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    RuntimeError,
    OSError,
    ValueError,
)
"""What a damaged, encrypted or strange zip makes the library raise."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP_OR_SCRIPT = ("<", "#!", "%!", "%pdf", "{\\rtf")


def sniffed_type(file: IO[bytes], declared: str) -> str:
    """The media type of a file by its content, which must agree with the declared one.

    Plain text and CSV look alike, so there the declaration decides. Raises UnsupportedFile
    `file-type-unsupported` or `file-type-mismatch`.
    """
    declared = declared.split(";", 1)[0].strip().lower()
    if declared not in ENDINGS:
        raise UnsupportedFile(
            "file-type-unsupported",
            f"Declare the file's type in Content-Type as one of {', '.join(ENDINGS)}.",
        )
    found = next((kind for kind, test in _TESTS.items() if test(file)), None)
    if found is None or _is_also_another(file, found):
        raise UnsupportedFile(
            "file-type-unsupported",
            f"The file's content is not of an accepted type{_likeness(file)}. Accepted are "
            f"{', '.join(ENDINGS)}; Word and Excel files without macros only.",
        )
    if found == declared or (found == TEXT and declared == CSV):
        return declared
    raise UnsupportedFile(
        "file-type-mismatch",
        f"The file was declared as {declared}, but its content is {found}.",
    )


def _is_also_another(file: IO[bytes], found: str) -> bool:
    """Whether a program that looks elsewhere in the file would take it for something else.

    A zip is read from its end and a PDF from anywhere in its first 1,024 bytes, so that one file
    can be a photo for the scanner and an archive for whoever opens it.
    """
    if found != PDF and b"%PDF-" in _head(file)[:_PDF_MARK_WITHIN]:
        return True
    return found not in {DOCX, XLSX} and zipfile.is_zipfile(file)


def _is_pdf(file: IO[bytes]) -> bool:
    return re.match(rb"%PDF-[12]\.\d", _head(file)) is not None and b"%%EOF" in _tail(file)


def _is_png(file: IO[bytes]) -> bool:
    head = _head(file)
    return (
        head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR" and b"IEND" in _tail(file)
    )


def _is_jpeg(file: IO[bytes]) -> bool:
    return _head(file).startswith(b"\xff\xd8\xff") and b"\xff\xd9" in _tail(file)


def _is_docx(file: IO[bytes]) -> bool:
    return _is_office(file, "word/document.xml", b"wordprocessingml.document.main+xml")


def _is_xlsx(file: IO[bytes]) -> bool:
    return _is_office(file, "xl/workbook.xml", b"spreadsheetml.sheet.main+xml")


def _is_office(file: IO[bytes], main_part: str, main_type: bytes) -> bool:
    """A zip that starts as one, with the named main part, and neither macros nor odd paths.

    Only the list of its content types is decompressed, _CONTENT_TYPES_MAX bytes of it at most, and
    only the directory of a zip with _MEMBERS_MAX members at most is read at all.
    """
    if not _head(file).startswith(b"PK\x03\x04") or _members(file) > _MEMBERS_MAX:
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            part = archive.getinfo(_CONTENT_TYPES)
            if main_part not in names or len(set(names)) != len(names):
                return False
            if any(_odd(name) for name in names) or part.compress_type not in _METHODS:
                return False
            is_bomb = _is_bomb(archive.infolist(), file.seek(0, os.SEEK_END))
            with archive.open(part) as opened:
                types = opened.read(_CONTENT_TYPES_MAX + 1)
    except _BROKEN_ZIP:
        return False
    if is_bomb or len(types) > _CONTENT_TYPES_MAX:
        return False
    return main_type in types and b"macroEnabled" not in types


def _members(file: IO[bytes]) -> int:
    """How many members a zip can have: each has its mark in the directory."""
    file.seek(0)
    found, before = 0, b""
    while chunk := file.read(_CHUNK_BYTES):
        joined = before + chunk
        found += joined.count(_MEMBER_MARK)
        before = joined[-(len(_MEMBER_MARK) - 1) :]
    return found


def _is_bomb(members: list[zipfile.ZipInfo], size: int) -> bool:
    """Whether a zip unpacks to far more than a document does, or shares bytes among its members."""
    packed = sum(member.compress_size for member in members)
    return packed > size or sum(member.file_size for member in members) > _UNPACKED_MAX


def _odd(name: str) -> bool:
    lowered = name.lower()
    return ".." in name or name.startswith("/") or "\\" in name or "vbaproject" in lowered


def _is_text(file: IO[bytes]) -> bool:
    """UTF-8 throughout, no control characters, and neither markup nor a script."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    start = ""
    try:
        while chunk := file.read(_CHUNK_BYTES):
            text = decoder.decode(chunk)
            if _CONTROL.search(text):
                return False
            start = start or text.lstrip("\ufeff \t\r\n\f")[:16].lower()
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return bool(start) and not start.startswith(_MARKUP_OR_SCRIPT)


_TESTS: dict[str, Callable[[IO[bytes]], bool]] = {
    PDF: _is_pdf,
    PNG: _is_png,
    JPEG: _is_jpeg,
    DOCX: _is_docx,
    XLSX: _is_xlsx,
    TEXT: _is_text,
}


def _likeness(file: IO[bytes]) -> str:
    """What the content looks like, for the message: " (it looks like a .exe file)"."""
    try:
        ending = puremagic.from_string(_head(file))
    except (puremagic.PureError, ValueError):
        return ""
    return f" (it looks like a {ending} file)" if ending else ""


def _head(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(_TAIL_BYTES)


def _tail(file: IO[bytes]) -> bytes:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL_BYTES))
    return file.read()
