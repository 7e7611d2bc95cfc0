"""The house rules that a machine can hold: sizes, floors, banned calls. Standard library only.

Each rule takes one parsed file and yields its faults; `SAMPLES` shows for each rule that it catches
what it is for. A rule that is in the way of better code is changed here, with a reason.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("app", "migrations", "tests", "bench", "examples", "verify")

EDGES = ("app/api/", "app/web/", "app/cli/", "app/main.py")
PURE = ("app/domain/", "app/payments/")
PURE_MAY_IMPORT = frozenset({"app", "pydantic", "pydantic_core", "rfc8785"})
PURE_MAY_NOT_IMPORT = frozenset(
    {
        "asyncio",
        "http",
        "os",
        "random",
        "secrets",
        "socket",
        "sqlite3",
        "subprocess",
        "time",
        "uuid",
    }
)
FLOORS = {
    "app.domain": frozenset({"app.domain"}),
    "app.payments": frozenset({"app.domain", "app.payments"}),
    "app.storage": frozenset({"app.domain", "app.payments", "app.storage"}),
    "app.reporting": frozenset({"app.domain", "app.payments", "app.reporting"}),
    "app.interchange": frozenset({"app.domain", "app.payments", "app.interchange"}),
}


@dataclass
class Source:
    """One file, parsed once for all rules. `path` is relative to the top of the tree."""

    path: str
    text: str
    tree: ast.Module = field(init=False)

    def __post_init__(self) -> None:
        self.tree = ast.parse(self.text)

    def within(self, *places: str) -> bool:
        return self.path.startswith(places)

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kinds))

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call with its dotted name, as far as it is written out: `datetime.now`."""
        for node in self.nodes(ast.Call):
            assert isinstance(node, ast.Call)
            yield dotted(node.func), node

    def imports(self) -> Iterator[tuple[str, int]]:
        for node in self.nodes(ast.Import, ast.ImportFrom):
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module, node.lineno


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


Fault = tuple[int, str]
Rule = Callable[[Source], Iterator[Fault]]


def file_size(source: Source) -> Iterator[Fault]:
    # The verifier is one file, because a party takes it, reads it and runs it alone.
    limit = 900 if source.within("verify/") else 600 if source.within("tests/") else 400
    lines = source.text.count("\n")
    if lines > limit:
        yield lines, f"the file has {lines} lines, at most {limit}"


def function_size(source: Source) -> Iterator[Fault]:
    for node in source.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > 70:
            yield node.lineno, f"{node.name} has {lines} lines, at most 70"


def line_width(source: Source) -> Iterator[Fault]:
    for number, line in enumerate(source.text.splitlines(), 1):
        if len(line) > 100:
            yield number, f"{len(line)} columns, at most 100"


def floors(source: Source) -> Iterator[Fault]:
    """import-linter checks the whole graph; this names the line, and needs nothing installed."""
    floor = ".".join(Path(source.path).parts[:2])
    allowed = FLOORS.get(floor)
    for module, line in source.imports():
        target = ".".join(module.split(".")[:2])
        if allowed is not None and target.startswith("app.") and target not in allowed:
            yield line, f"{floor} may not import {module}"


def pure_imports(source: Source) -> Iterator[Fault]:
    if not source.within(*PURE):
        return
    for module, line in source.imports():
        package = module.split(".")[0]
        known = package in PURE_MAY_IMPORT or package in sys.stdlib_module_names
        if not known or package in PURE_MAY_NOT_IMPORT:
            yield line, f"domain and payments are pure: no {package}"


def clock(source: Source) -> Iterator[Fault]:
    """`now` is read at the edges and passed in, so that every rule can be run for any day."""
    if source.within("tests/", "bench/", "examples/", *EDGES):
        return
    for name, node in source.calls():
        if re.search(r"(^|\.)(datetime|date)\.(now|utcnow|today)$", name):
            yield node.lineno, f"{name}() outside the edges"


def floats(source: Source) -> Iterator[Fault]:
    if not source.within(*PURE):
        return
    for name, node in source.calls():
        if name == "float":
            yield node.lineno, "float(): money and shares are whole numbers and fractions"
    for node in source.nodes(ast.Constant):
        assert isinstance(node, ast.Constant)
        if isinstance(node.value, float):
            yield node.lineno, f"{node.value}: money and shares are whole numbers and fractions"


def commits(source: Source) -> Iterator[Fault]:
    if source.within("app/storage/engine.py", "tests/", "bench/"):
        return
    for name, node in source.calls():
        # A unit of work's commit is the engine's own; services call it by that name.
        if name.endswith(".commit") and name != "uow.commit":
            yield node.lineno, f"{name}() outside app/storage/engine.py; use uow.commit()"


def environment(source: Source) -> Iterator[Fault]:
    if source.within("app/settings.py", "tests/", "bench/"):
        return
    for node in source.nodes(ast.Attribute, ast.Name, ast.alias):
        name = node.name if isinstance(node, ast.alias) else dotted(node)
        if name in {"os.environ", "os.getenv", "os.environb", "environ", "getenv"}:
            line = getattr(node, "lineno", 0)
            yield line, f"{name}: only app/settings.py reads the environment"


def chance(source: Source) -> Iterator[Fault]:
    if not source.within(*PURE):
        return
    for name, node in source.calls():
        if re.search(r"(^|\.)(random\w*|uuid[14678]|token_\w+)(\.|$)", name):
            yield node.lineno, f"{name}(): ids and chance are passed in"


def prints(source: Source) -> Iterator[Fault]:
    if source.within("app/cli/", "bench/", "examples/", "tests/", "verify/"):
        return
    for name, node in source.calls():
        if name == "print":
            yield node.lineno, "print() outside app/cli; use logging"


def leftovers(source: Source) -> Iterator[Fault]:
    marks = "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"))
    for number, line in enumerate(source.text.splitlines(), 1):
        if found := re.search(rf"\b({marks})\b", line):
            yield number, f"{found[0]}: do it now, or write an issue"


def docstrings(source: Source) -> Iterator[Fault]:
    """A public rule states itself in contract language."""
    if not source.within(*PURE):
        return
    for owner in source.nodes(ast.Module, ast.ClassDef):
        assert isinstance(owner, ast.Module | ast.ClassDef)
        for node in owner.body:
            public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            if public and ast.get_docstring(node) is None:
                yield node.lineno, f"{node.name} has no docstring"


RULES: tuple[Rule, ...] = (
    file_size,
    function_size,
    line_width,
    floors,
    pure_imports,
    clock,
    floats,
    commits,
    environment,
    chance,
    prints,
    leftovers,
    docstrings,
)


def sources() -> Iterator[Source]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


def test_the_tree_is_tidy():
    found = [
        f"{source.path}:{line}: {message} ({rule.__name__})"
        for source in sources()
        for rule in RULES
        for line, message in rule(source)
    ]
    assert not found, "\n" + "\n".join(found)


@dataclass(frozen=True)
class Sample:
    """What a rule must catch (`bad`, in `path`), and what it must leave alone (`good`)."""

    rule: Rule
    bad: str
    good: str
    path: str = "app/domain/sample.py"
    good_path: str = ""


SAMPLES = (
    Sample(file_size, "x = 1\n" * 401, "x = 1\n" * 400),
    Sample(file_size, "x = 1\n" * 601, "x = 1\n" * 600, path="tests/test_sample.py"),
    Sample(file_size, "x = 1\n" * 901, "x = 1\n" * 900, path="verify/sample.py"),
    Sample(function_size, "def f():\n" + "    x = 1\n" * 70, "def f():\n" + "    x = 1\n" * 69),
    Sample(line_width, f"x = '{'y' * 95}'", f"x = '{'y' * 94}'"),
    Sample(floors, "from app.payments import caps", "from app.domain import money"),
    Sample(
        floors,
        "def f():\n    import app.service.claims",
        "from app.payments.caps import cap",
        path="app/storage/sample.py",
    ),
    Sample(
        floors,
        "from app.storage import tables",
        "from app.domain import money",
        path="app/reporting/sample.py",
    ),
    Sample(pure_imports, "import sqlalchemy", "import pydantic, decimal, rfc8785"),
    Sample(pure_imports, "from random import choice", "from fractions import Fraction"),
    Sample(clock, "now = datetime.now(UTC)", "now = moment.now(UTC)"),
    Sample(clock, "import datetime as d\nd.date.today()", "def today(day): ..."),
    Sample(clock, "datetime.utcnow()", "datetime.utcnow()", good_path="app/cli/demo.py"),
    Sample(floats, "float(x)", "int(x)", path="app/payments/sample.py"),
    Sample(floats, "rate = 0.25", "rate = Fraction(1, 4)"),
    Sample(floats, "rate = 1e2", "rate = 100"),
    Sample(commits, "connection.commit()", "uow.commit()", path="app/service/sample.py"),
    Sample(commits, "self.c.commit()", "self.c.commit()", good_path="app/storage/engine.py"),
    Sample(environment, "os.environ['X']", "os.path.sep", path="app/main.py"),
    Sample(environment, "from os import getenv", "from os import sep", path="app/cli/main.py"),
    Sample(environment, "import os\nos.getenv('X')", "os.environ", good_path="app/settings.py"),
    Sample(chance, "uuid.uuid4()", "new_id()"),
    Sample(chance, "random.choice(x)", "choice(x)", path="app/payments/sample.py"),
    Sample(chance, "secrets.token_hex()", "hex(3)"),
    Sample(prints, "print(1)", "log.info(1)", path="app/service/sample.py"),
    Sample(prints, "print(1)", "print(1)", good_path="app/cli/sample.py"),
    Sample(leftovers, "x = 1  # TO" + "DO: later", "x = 1  # later rules read this"),
    Sample(leftovers, "# FIX" + "ME", "# a fix for me"),
    Sample(docstrings, "def price(): ...", "def _price(): ..."),
    Sample(docstrings, "class A:\n    def price(self): ...", "def price():\n    '''The price.'''"),
)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.rule.__name__)
def test_each_rule_catches_a_bad_sample_and_leaves_a_good_one(sample: Sample):
    assert list(sample.rule(Source(sample.path, sample.bad)))
    assert not list(sample.rule(Source(sample.good_path or sample.path, sample.good)))


def test_every_rule_has_a_sample():
    assert {sample.rule for sample in SAMPLES} == set(RULES)
