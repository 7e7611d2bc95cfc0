"""Small files of every kind that the service must accept or refuse, made here byte by byte."""

import struct
import zipfile
import zlib
from io import BytesIO


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def office(main_part: str, main_type: str, **more: bytes) -> bytes:
    """A zip that is as much of a Word or Excel file as the service looks at."""
    types = f'<Types><Override PartName="/{main_part}" ContentType="{main_type}"/></Types>'
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr(main_part, "<x/>")
        for name, content in more.items():
            archive.writestr(name, content)
    return buffer.getvalue()


_OFFICE = "application/vnd.openxmlformats-officedocument"
_WORD = f"{_OFFICE}.wordprocessingml.document.main+xml"

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\0"))
    + _chunk(b"IEND", b"")
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
TEXT = "Visit on 15 July 2021: keys held, £1.00 a day.\n".encode()
CSV = b"BM,date\nPI-0001,2021-07-15\n"
DOCX = office("word/document.xml", _WORD)
XLSX = office("xl/workbook.xml", f"{_OFFICE}.spreadsheetml.sheet.main+xml")
MACROS = office("word/document.xml", _WORD, **{"word/vbaProject.bin": b"x"})
CLIMBING = office("word/document.xml", _WORD, **{"../../etc/passwd": b"x"})
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PROGRAM = b"MZ\x90\x00\x03" + b"\0" * 200
