"""docs/reference/terms.md names every field of the terms document, with its default."""

import json
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from app.domain.terms.check_parties import SCHEMES
from app.domain.terms.document import Terms

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "terms.md"
ROW = re.compile(r"\| `([^`]+)` \| [^|]+ \| (required|`[^`]+`) \|")


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The parts of the document that a field can hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models(inner)


def fields(model: type[BaseModel], prefix: str = "", above: tuple = ()) -> dict[str, Any]:
    """Every field by its path, also the fields of its parts."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        text = str(field.annotation)
        path = prefix + name + ("[]" if "list[" in text else "{}" if "dict[" in text else "")
        found[path] = field
        for part in models(field.annotation):
            if part not in above:
                found |= fields(part, f"{path}.", (*above, part))
    return found


def default(field: Any) -> str:
    """As the page writes it."""
    if field.is_required():
        return "required"
    value = field.default
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return f"`{json.dumps(value.value if isinstance(value, Enum) else value)}`"


FIELDS = fields(Terms)


def test_every_field_without_parts_has_a_row_with_its_default():
    rows = dict(ROW.findall(PAGE.read_text(encoding="utf-8")))
    leaves = {path for path, field in FIELDS.items() if not any(models(field.annotation))}
    assert leaves - set(rows) == set()
    assert rows == {path: default(FIELDS[path]) for path in rows}


def test_every_field_with_parts_is_named():
    page = PAGE.read_text(encoding="utf-8")
    assert [path for path in FIELDS if f"`{path}`" not in page and f"`{path}." not in page] == []


def test_the_page_lists_the_known_identifier_schemes():
    page = PAGE.read_text(encoding="utf-8")
    assert [scheme for scheme in sorted(SCHEMES) if scheme not in page] == []
