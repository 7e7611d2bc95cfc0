"""What leaves as a file for others: the quarter's payments over 500 pounds, remittance advice."""

from dataclasses import dataclass
from datetime import date
from tempfile import TemporaryFile
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from app.api.deps import ContextDep, TrueOrFalse, shown
from app.api.documented import CONTRACT, Responses, answers
from app.api.exports import CSV, XLSX, FileResponse, FormPath, Opened
from app.api.fields import ContractPath, RecordPath
from app.api.schemas_transparency import SpendOut
from app.api.strict import StrictRoute
from app.domain.calendar import quarter_end
from app.domain.period import Period
from app.interchange.csv_out import csv_chunks
from app.interchange.remittance_pdf import remittance_pdf
from app.interchange.xlsx_out import write_xlsx
from app.service.context import Context
from app.service.remittances import get_remittance_data, remittance_csv
from app.service.transparency import SPEND_COLUMNS, SpendFile, quarterly_spend

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Exports"], route_class=StrictRoute)

PDF = "application/pdf"
_SPEND = (CONTRACT, "terms-not-in-force", "period-not-over")
_REMITTANCE = (CONTRACT, "payment-unknown", "remittance-of-return")

QuarterPath = Annotated[
    str,
    Path(
        description="A quarter of the calendar year: 2021-Q3 is July to September 2021.",
        pattern=r"^(19|20|21)[0-9]{2}-Q[1-4]$",
        examples=["2021-Q3"],
    ),
]


@dataclass(frozen=True, slots=True)
class Council:
    """What the contract does not say of the council's own books."""

    department: str
    merchant_category: str
    vat_recoverable: bool


async def council(
    department: Annotated[
        str,
        Query(
            description="The department that incurred the expenditure.",
            min_length=1,
            max_length=200,
            examples=["Adult Health and Social Care"],
        ),
    ],
    merchant_category: Annotated[
        str,
        Query(
            description="The merchant category, as the council names it.",
            min_length=1,
            max_length=200,
            examples=["Outcome payments"],
        ),
    ],
    vat_recoverable: Annotated[  # noqa: FBT002 - a query parameter
        TrueOrFalse,
        Query(
            description="Whether the council gets VAT back on this contract. If not, it is shown "
            "in its own column and counts towards the 500 pounds.",
            examples=[True],
        ),
    ] = True,
) -> Council:
    """The council's own words, and whether it gets VAT back."""
    return Council(department, merchant_category, vat_recoverable)


CouncilDep = Annotated[Council, Depends(council)]


def _files(description: str, forms: tuple[str, ...], *codes: str | tuple[str, ...]) -> Responses:
    documented = answers(200, SpendOut, description, *codes)
    content = {form: {"schema": {"type": "string", "format": "binary"}} for form in forms}
    return documented | {200: {"description": description, "content": content}}


@router.get(
    "/transparency/{quarter}.{form}",
    operation_id="exportSpend",
    summary="The file of a quarter's payments over 500 pounds",
    response_class=Response,
    responses=_files("The file.", (CSV, XLSX), *_SPEND),
)
def export_spend(
    context: ContextDep,
    contract_id: ContractPath,
    quarter: QuarterPath,
    form: FormPath,
    council: CouncilDep,
) -> Response:
    """Give a quarter's payments over 500 pounds as the council publishes them.

    Its columns are those of the Local Government Transparency Code 2015, in its order and words.
    """
    found = _spend(context, contract_id, quarter, council)
    name = f"{contract_id}-spend-{quarter}.{form}"
    if form == "csv":
        return _attached(b"".join(csv_chunks(SPEND_COLUMNS, found.cells())), CSV, name)
    out = TemporaryFile()  # noqa: SIM115 - the answer closes it
    title = f"spend {quarter}"
    write_xlsx(out, SPEND_COLUMNS, found.cells(), title=title, made_at=context.clock())
    out.seek(0)
    return FileResponse(Opened(out), XLSX, name)


@router.get(
    "/transparency/{quarter}",
    operation_id="getSpend",
    summary="A quarter's payments over 500 pounds",
    responses=answers(200, SpendOut, "The items.", *_SPEND),
)
def get_spend(
    context: ContextDep, contract_id: ContractPath, quarter: QuarterPath, council: CouncilDep
) -> Response:
    """Show what the commissioner paid in a quarter and must publish, once the quarter is over."""
    return shown(SpendOut.of(_spend(context, contract_id, quarter, council)))


@router.get(
    "/payments/{payment_id}/remittance/csv",
    operation_id="exportRemittance",
    summary="Remittance advice as CSV",
    response_class=Response,
    responses=_files("The advice.", (CSV,), *_REMITTANCE),
)
def export_remittance(
    context: ContextDep, contract_id: ContractPath, payment_id: RecordPath
) -> Response:
    """Give the advice of a payment as CSV: a row for each document, and for what is on account."""
    content = remittance_csv(context, contract_id, payment_id)
    return _attached(content, CSV, f"remittance-{payment_id}.csv")


@router.get(
    "/payments/{payment_id}/remittance/pdf",
    operation_id="printRemittance",
    summary="Print remittance advice",
    response_class=Response,
    responses=_files("The print, A4.", (PDF,), *_REMITTANCE),
)
def print_remittance(
    context: ContextDep, contract_id: ContractPath, payment_id: RecordPath
) -> Response:
    """Print the advice of a payment as A4 PDF: the same advice gives the same bytes."""
    data = get_remittance_data(context, contract_id, payment_id)
    return _attached(remittance_pdf(data), PDF, f"remittance-{payment_id}.pdf")


def _spend(context: Context, contract_id: str, quarter: str, council: Council) -> SpendFile:
    year, part = quarter.split("-Q")
    start = date(int(year), 3 * int(part) - 2, 1)
    return quarterly_spend(
        context,
        contract_id,
        Period(start, quarter_end(start)),
        department=council.department,
        merchant_category=council.merchant_category,
        vat_recoverable=council.vat_recoverable,
    )


def _attached(content: bytes, media_type: str, name: str) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "x-content-type-options": "nosniff",
    }
    return Response(content, headers=headers, media_type=media_type)
