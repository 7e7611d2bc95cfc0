"""A4 pages around what a document says: the same story gives the same bytes, on any day."""

from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from app.interchange.pdf_style import MARGIN, MUTED, RULE, TEXT, printable

WIDTH = A4[0] - 2 * MARGIN


def pdf_bytes(
    story: list[Flowable], *, title: str, author: str, subject: str, footer: str, made_on: str
) -> bytes:
    """The pages of a story with a footer and page numbers.

    No clock, random id or compression goes into the file, and its fonts stand in it. `made_on` is
    the document's own day, as ISO 8601: the only time in the file.
    """
    out = BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=printable(title),
        author=printable(author),
        subject=printable(subject),
        creator="outcomes",
        lang="en-GB",
        invariant=1,
        pageCompression=0,
    )
    frame = Frame(
        MARGIN, MARGIN, WIDTH, A4[1] - 2 * MARGIN, leftPadding=0, rightPadding=0, topPadding=0
    )
    page = PageTemplate(frames=[frame], onPage=_footer_of(printable(footer), made_on))
    document.addPageTemplates(page)
    document.build(story)
    return out.getvalue()


def _footer_of(left: str, made_on: str) -> Any:
    """What stands under each page."""
    instant = f"D:{made_on.replace('-', '')}000000Z"

    def footer(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.setDateFormatter(lambda *_: instant)
        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, MARGIN - 12, A4[0] - MARGIN, MARGIN - 12)
        canvas.setFont(TEXT, 7)
        canvas.setFillColor(MUTED)
        canvas.drawString(MARGIN, MARGIN - 23, left)
        canvas.drawRightString(A4[0] - MARGIN, MARGIN - 23, f"page {document.page}")
        canvas.restoreState()

    return footer
