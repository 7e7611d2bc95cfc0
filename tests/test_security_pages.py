"""What the threat model and the ASVS checklist name exists; nothing counts as met without it."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "security"
MODEL = (FOLDER / "threat-model.md").read_text(encoding="utf-8")
CHECKLIST = (FOLDER / "asvs.md").read_text(encoding="utf-8")
_QUOTED = re.compile(r"`([^`\n]+)`")
_PLACE = re.compile(r"(app|tests|docs|verify|migrations|openapi)/[\w./-]+(::\w+)?")
_AT_THE_TOP = {"Makefile", "Dockerfile", "SECURITY.md", "pyproject.toml", ".dockerignore"}
STATES = {"Met", "Part", "Open", "Deploy", "N/A"}
# Requirements of levels 1 and 2 in ASVS 5.0.0, by chapter.
REQUIREMENTS = {
    "1": 27, "2": 11, "3": 19, "4": 10, "5": 9, "6": 35, "7": 18, "8": 7, "9": 7,
    "10": 29, "11": 14, "12": 9, "13": 13, "14": 9, "15": 13, "16": 16, "17": 7,
}  # fmt: skip


def places(text: str) -> list[str]:
    """The files and tests that a text names."""
    names = [name.strip() for name in _QUOTED.findall(text)]
    return [
        name
        for name in names
        if _PLACE.fullmatch(name) or name in _AT_THE_TOP or name.startswith("requirements")
    ]


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def missing(place: str) -> bool:
    name, _, test = place.partition("::")
    path = ROOT / name
    return not path.is_file() or bool(test and test not in functions(path))


def rows(text: str) -> list[list[str]]:
    """The cells of a text's tables, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    found = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [cells for cells in found if cells[0] not in {"", "state"}]


@pytest.mark.parametrize("text", [MODEL, CHECKLIST], ids=["threat model", "ASVS"])
def test_every_file_and_test_that_is_named_exists(text):
    named = places(text)
    assert len(named) > 90
    assert [place for place in named if missing(place)] == []


def test_what_does_not_exist_is_noticed():
    assert missing("tests/test_tidy.py::test_that_nobody_wrote")
    assert missing("app/api/nothing.py")
    assert not missing("tests/test_tidy.py::test_the_tree_is_tidy")
    assert places("`tests/a.py::test_b`, `GET /x`, `Makefile`") == [
        "tests/a.py::test_b",
        "Makefile",
    ]


def boundaries() -> list[str]:
    return re.findall(r"^## \d\. .*?(?=^## )", MODEL, re.MULTILINE | re.DOTALL)


def test_each_boundary_has_a_threat_of_each_kind():
    assert len(boundaries()) == 7
    for boundary in boundaries():
        kinds = {cells[0] for cells in rows(boundary)}
        assert kinds == set("STRIDE"), boundary.splitlines()[0]


def test_each_threat_has_an_answer_and_a_test():
    for boundary in boundaries():
        for kind, threat, answer, shown in rows(boundary):
            where = f"{kind}: {threat}"
            assert any(not place.startswith("tests/") for place in places(answer)), where
            assert any(place.startswith("tests/") for place in places(shown)), where


def requirements() -> list[list[str]]:
    return [cells for cells in rows(CHECKLIST) if re.fullmatch(r"[\d.]+", cells[0])]


def test_the_checklist_has_every_requirement_once():
    numbers = [cells[0] for cells in requirements()]
    assert len(numbers) == len(set(numbers)) == 253
    assert Counter(number.split(".")[0] for number in numbers) == REQUIREMENTS


def test_nothing_is_met_without_evidence_or_missing_without_a_reason():
    for number, level, _, state, evidence in requirements():
        assert level in {"1", "2"}, number
        assert state in STATES, number
        assert evidence, number
        if state in {"Met", "Deploy"}:
            assert places(evidence), number


def test_the_totals_are_right():
    told = {cells[0]: int(cells[1]) for cells in rows(CHECKLIST) if cells[0] in STATES}
    assert Counter(cells[3] for cells in requirements()) == told
