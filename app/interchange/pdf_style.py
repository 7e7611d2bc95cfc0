"""How printed documents look: fonts, sizes, colours, and text made safe to print."""

import unicodedata
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

TEXT, BOLD = "Vera", "VeraBd"
"""The fonts that come with reportlab. They stand in the file, so it looks alike everywhere."""

INK, MUTED, RULE = HexColor("#1d2330"), HexColor("#5a6272"), HexColor("#c9ced8")
SHADE, ACCENT = HexColor("#eef1f6"), HexColor("#1f4e79")

MARGIN = 20 * mm
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
"""Not taken from the machine, whose language would change the bytes."""


@cache
def fonts() -> dict[str, TTFont]:
    """The fonts, read once."""
    folder = Path(reportlab.__file__).parent / "fonts"
    found = {name: TTFont(name, str(folder / f"{name}.ttf")) for name in (TEXT, BOLD)}
    for font in found.values():
        pdfmetrics.registerFont(font)
    return found


def style(
    size: float = 8.5, *, bold: bool = False, right: bool = False, colour: Color = INK
) -> ParagraphStyle:
    """A paragraph's style: a size in points, and what differs from plain text."""
    fonts()
    return ParagraphStyle(
        "text",
        fontName=BOLD if bold else TEXT,
        fontSize=size,
        leading=size * 1.4,
        textColor=colour,
        alignment=TA_RIGHT if right else TA_LEFT,
    )


PLAIN, STRONG = style(), style(bold=True)
SMALL = style(7.5, colour=MUTED)
LABEL = style(7, colour=MUTED)
HEAD = style(7.5, bold=True)
RIGHT = style(right=True)
RIGHT_HEAD = style(7.5, bold=True, right=True)
TOTAL, RIGHT_TOTAL = style(10.5, bold=True), style(10.5, bold=True, right=True)
ISSUER = style(11, bold=True)
TITLE = style(20, bold=True, colour=ACCENT, right=True)


def text(value: str, of: ParagraphStyle = PLAIN) -> Paragraph:
    """A paragraph that prints a text as it is: nothing in it is read as markup."""
    return Paragraph(escape(printable(value)), of)


def printable(value: str) -> str:
    """The text in characters that the fonts have.

    A letter they lack is printed without its accent (a Welsh w-circumflex as w), and what has no
    such form as a question mark. The structured data always holds the text as it is.
    """
    return "".join(_printable(character) for character in unicodedata.normalize("NFC", value))


@cache
def _printable(character: str) -> str:
    glyphs = [font.face.charToGlyph for font in fonts().values()]
    if character.isspace():
        return " "
    for form in (character, unicodedata.normalize("NFKD", character)):
        kept = "".join(one for one in form if all(ord(one) in has for has in glyphs))
        if kept:
            return kept
    return "?"


def day_text(iso: str) -> str:
    """A day for people: 2020-10-14 is 14 October 2020."""
    year, month, day = iso.split("-")
    return f"{int(day)} {MONTHS[int(month) - 1]} {year}"
