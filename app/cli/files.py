"""Documents in files on this machine."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.documents import MediaType, load_document
from app.cli.failure import CannotRun

TermsFile = Annotated[
    Path, typer.Argument(help="A terms document, .yaml or .json; - is standard input as YAML.")
]
_MEDIA: dict[str, MediaType] = {
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}


def read_document(path: Path) -> dict[str, Any]:
    """The document in a file, by the ending of its name."""
    if str(path) == "-":
        return load_document(typer.get_binary_stream("stdin").read(), "application/yaml")
    media = _MEDIA.get(path.suffix.lower())
    if media is None:
        raise CannotRun(f"{path}: the name must end in .yaml, .yml or .json.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CannotRun(f"{path}: cannot be read: {error.strerror}.") from error
    return load_document(content, media)
