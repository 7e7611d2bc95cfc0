"""The parts of a workbook around its rows: what ECMA-376 asks for, and the styles of lists."""

from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from app.interchange.columns import ColumnKind

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"

BOLD, DAY = 1, 2
"""The styles of a header and of a day; 0 is none."""

_MONEY, _DIGITS = 3, 5
_WIDTHS = {ColumnKind.TEXT: 28, ColumnKind.DATE: 12, ColumnKind.MONEY: 16, ColumnKind.INTEGER: 10}


def money_style(digits: int) -> int:
    """The style of an amount with so many decimals, at most four: 1,234.50 has two."""
    if digits >= _DIGITS:
        raise AssertionError("no currency has more than four decimals")
    return _MONEY + digits


def _styles() -> str:
    forms = ["yyyy-mm-dd", *(f"#,##0{'.' * (n > 0)}{'0' * n}" for n in range(_DIGITS))]
    numbers = "".join(
        f'<numFmt numFmtId="{164 + place}" formatCode="{form}"/>'
        for place, form in enumerate(forms)
    )
    bare = 'fontId="0" fillId="0" borderId="0"'
    cells = "".join(
        f'<xf numFmtId="{164 + place}" {bare} xfId="0" applyNumberFormat="1"/>'
        for place in range(len(forms))
    )
    font = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
    sides = "<left/><right/><top/>"
    return (
        f'{_XML}<styleSheet xmlns="{_MAIN}">'
        f'<numFmts count="{len(forms)}">{numbers}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        f'<borders count="2"><border>{sides}<bottom/><diagonal/></border>'
        f'<border>{sides}<bottom style="thin"><color auto="1"/></bottom><diagonal/></border>'
        "</borders>"
        f'<cellStyleXfs count="1"><xf numFmtId="0" {bare}/></cellStyleXfs>'
        f'<cellXfs count="{2 + len(forms)}"><xf numFmtId="0" {bare} xfId="0"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="1" xfId="0" applyFont="1" '
        f'applyBorder="1"/>{cells}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )


def _relations(*found: tuple[str, str]) -> str:
    """Relations by their types and targets, numbered from 1."""
    every = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(found, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{every}</Relationships>'


FIRST_PARTS = {
    "_rels/.rels": _relations(
        (f"{_OFFICE}/officeDocument", "xl/workbook.xml"),
        (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
    ),
    "xl/styles.xml": _styles(),
}
"""What is the same in every workbook."""

SHEET_END = "</sheetData></worksheet>"


def properties(title: str, made_at: datetime) -> dict[str, str]:
    """The title and the instant (UTC) of a workbook."""
    made = f"{made_at:%Y-%m-%dT%H:%M:%SZ}"
    core = (
        f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dc:title>{escape(title)}</dc:title><dcterms:created xsi:type="dcterms:W3CDTF">{made}'
        "</dcterms:created></cp:coreProperties>"
    )
    return {"docProps/core.xml": core}


def sheet_start(kinds: Sequence[ColumnKind]) -> str:
    """A sheet up to its first row: the header stays in view, columns are as wide as their kind."""
    widths = "".join(
        f'<col min="{number}" max="{number}" width="{_WIDTHS[kind]}" customWidth="1"/>'
        for number, kind in enumerate(kinds, 1)
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
        f"</sheetViews><cols>{widths}</cols><sheetData>"
    )


def last_parts(names: Sequence[str]) -> dict[str, str]:
    """What names the sheets, in their order: the workbook, its relations and the types of parts."""
    files = [f"worksheets/sheet{number}.xml" for number in range(1, len(names) + 1)]
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, 1)
    )
    types = {
        "/xl/workbook.xml": f"{_SHEETS}.sheet.main+xml",
        "/xl/styles.xml": f"{_SHEETS}.styles+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        **{f"/xl/{file}": f"{_SHEETS}.worksheet+xml" for file in files},
    }
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in types.items()
    )
    return {
        "xl/workbook.xml": (
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/>'
            f"</bookViews><sheets>{sheets}</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": _relations(
            *((f"{_OFFICE}/worksheet", file) for file in files), (f"{_OFFICE}/styles", "styles.xml")
        ),
        "[Content_Types].xml": (
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
        ),
    }
