"""Where the example documents are: beside this file in a wheel, at the top of a checkout."""

from pathlib import Path
from typing import Any

from app.cli.documents import load_document


def example_terms(name: str) -> dict[str, Any]:
    """A terms document of the Promoting Independence example, such as terms-2019.yaml."""
    path = _folder() / "promoting-independence" / name
    return load_document(path.read_bytes(), "application/yaml")


def _folder() -> Path:
    packaged = Path(__file__).with_name("examples")
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "examples"
