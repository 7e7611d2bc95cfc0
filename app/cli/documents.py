"""Reading a document from a file: YAML or JSON bytes to plain JSON values, and nothing else.

YAML is read from its node graph, not by a constructor, so that a file can make no object, no
field twice, no date out of text that is none, and no gigabyte out of a page of aliases.
"""

import json
import re
from typing import Any, Literal, NoReturn

import yaml

from app.domain.errors import Fault, InputInvalid, TooLarge
from app.domain.terms.faults import pointer
from app.domain.terms.shape import NESTING_MAX

DOCUMENT_BYTES_MAX = 1024 * 1024
NODES_MAX = 100_000
"""Values in a document after its aliases are written out; the largest example has some 400."""

MediaType = Literal["application/json", "application/yaml"]

_TAG = "tag:yaml.org,2002:"
_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,15})")
_CONSTANTS: dict[str, bool | None] = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
}


def load_document(text: bytes, media: MediaType) -> dict[str, Any]:
    """The object in a YAML or JSON file, in its JSON form: dates stay the text they were.

    Raises TooLarge above 1 MiB, and InputInvalid for what is not UTF-8, not YAML or JSON, not one
    object, or gives a field twice. `no`, `on`, 1_000 and 012 are refused rather than guessed at.
    """
    if len(text) > DOCUMENT_BYTES_MAX:
        raise TooLarge("document-too-large", "A document may have 1 MiB at most.")
    try:
        decoded = text.decode("utf-8-sig")
        value = _read_json(decoded) if media == "application/json" else _read_yaml(decoded)
    except RecursionError as error:
        raise _invalid("nested-too-deeply", "", "The document is nested too deeply.") from error
    except UnicodeDecodeError as error:
        raise _invalid("not-readable", "", "Save the document as UTF-8 text.") from error
    if not isinstance(value, dict):
        raise _invalid("not-an-object", "", "The document must be one object with named fields.")
    return value


def _invalid(code: str, where: str, message: str) -> InputInvalid:
    return InputInvalid([Fault(code, where, message)])


def _read_json(text: str) -> Any:
    def one_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, value in pairs:
            if name in result:
                raise _invalid("repeated-field", "", f'An object gives the field "{name}" twice.')
            result[name] = value
        return result

    def no_constant(name: str) -> NoReturn:
        raise _invalid("not-readable", "", f"JSON has no {name}.")

    try:
        return json.loads(text, object_pairs_hook=one_object, parse_constant=no_constant)
    except ValueError as error:  # json.JSONDecodeError, or a number of thousands of digits
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise _invalid("not-readable", "", f"This is not JSON{where}.") from error


def _read_yaml(text: str) -> Any:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f" at line {error.problem_mark.line + 1}" if error.problem_mark else ""
        problem = error.problem or "it is malformed"
        raise _invalid("not-readable", "", f"This is not YAML{line}: {problem}.") from error
    except yaml.YAMLError as error:
        message = "This is not YAML: it has characters that text cannot have."
        raise _invalid("not-readable", "", message) from error
    return _YamlReader().value(node, ())


class _YamlReader:
    """Turns nodes into plain values, counting them as often as aliases repeat them."""

    def __init__(self) -> None:
        self._nodes = 0

    def value(self, node: yaml.Node | None, path: tuple[str | int, ...]) -> Any:
        """The plain value of a node. An alias inside itself ends at the nesting limit."""
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise _invalid("document-too-large", "", f"More than {NODES_MAX} values, with aliases.")
        if len(path) > NESTING_MAX:
            raise _invalid("nested-too-deeply", pointer(*path), "This is nested too deeply.")
        if node is None:
            return None
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node, path)
        if node.tag not in {f"{_TAG}map", f"{_TAG}seq"}:
            message = f"Line {node.start_mark.line + 1}: write a plain list or object."
            raise _invalid("not-json", pointer(*path), message)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, path: tuple[str | int, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, item in node.value:
            line = key.start_mark.line + 1
            if key.tag != f"{_TAG}str" or not isinstance(key, yaml.ScalarNode):
                message = f"Line {line}: quote this field name; YAML reads it as something else."
                raise _invalid("not-json", pointer(*path), message)
            if key.value in result:
                message = f"Line {line}: this field stands in the object already."
                raise _invalid("repeated-field", pointer(*path, key.value), message)
            result[key.value] = self.value(item, (*path, key.value))
        return result


def _scalar(node: yaml.ScalarNode, path: tuple[str | int, ...]) -> Any:
    text, kind = node.value, node.tag.removeprefix(_TAG)
    if kind in {"str", "timestamp"}:
        return text
    if kind == "int" and _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    if kind in {"bool", "null"} and text in _CONSTANTS:
        return _CONSTANTS[text]
    line = node.start_mark.line + 1
    advice = {
        "int": "write a whole number plainly, as 1000, or quote text",
        "float": 'quote an amount or a share: "6701.50"',
        "bool": "write true or false, or quote this word",
    }.get(kind, "write plain text, a whole number, true, false or null")
    raise _invalid("not-json", pointer(*path), f"Line {line}: {advice}.")
