"""Every error code that the program can raise, read from its source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).parents[2] / "app"
CLASSES = {
    "Fault",
    "IntegrityBroken",
    "NotFound",
    "NotPermitted",
    "NotSignedIn",
    "PlacedFault",
    "PreconditionMissing",
    "PydanticCustomError",
    "RuleRefused",
    "StaleVersion",
    "TooLarge",
    "TooManyAttempts",
    "TooSlow",
    "UnsupportedFile",
    "_refused",
    "_unreadable",
}
SECOND = {"repeated", "RequestInvalid"}
"""Calls whose code stands later: any argument of the form of a code counts."""
TABLES = {"_CODES", "_HTTP_CODES"}
_CODE = re.compile(r"[a-z]+[0-9]*(-[a-z0-9]+)*")


def raised_codes() -> dict[str, set[str]]:
    """The files that raise each code."""
    found: dict[str, set[str]] = {}
    for path in sorted(APP.rglob("*.py")):
        if path.is_relative_to(APP / "cli"):
            continue
        for code in _codes(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(code, set()).add(str(path.relative_to(APP)))
    return found


def texts_of_the_program() -> set[str]:
    """Every text written out in the program, but for the explanations of the codes."""
    found: set[str] = set()
    for path in APP.rglob("*.py"):
        if not path.name.startswith("problem_texts"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found | {text.replace("_", "-") for text in found}


def _codes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {target.id for target in targets if isinstance(target, ast.Name)}
            if names & TABLES and isinstance(node.value, ast.Dict):
                for value in node.value.values:
                    yield from _first_text(value)


def _of_call(node: ast.Call) -> Iterator[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in CLASSES and node.args:
        for code in _first_text(node.args[0]):
            yield code.replace("_", "-")
    elif name in SECOND:
        at = {"repeated": 1, "RequestInvalid": 2}[name]
        yield from _first_text(node.args[at])


def _first_text(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Tuple) and node.elts:
        node = node.elts[0]
    if isinstance(node, ast.IfExp):
        yield from _first_text(node.body)
        yield from _first_text(node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        assert _CODE.fullmatch(node.value.replace("_", "-")), node.value
        yield node.value
