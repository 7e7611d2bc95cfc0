"""Bodies made of the interface's own description: its examples, with values that exist."""

from typing import Any


def body_of(described: dict[str, Any], operation: dict[str, Any], known: dict[str, Any]) -> Any:
    """A JSON body for an operation, or None where it takes none or a file.

    A field is taken from `known` by its name, else from its example, else by its type.
    """
    content = operation.get("requestBody", {}).get("content", {})
    shape = content.get("application/json")
    return None if shape is None else _value(described, shape["schema"], "", known)


def _value(described: dict[str, Any], schema: dict[str, Any], name: str, known: Any) -> Any:
    if name in known:
        return known[name]
    if "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] | schema
    choices = schema.get("anyOf") or schema.get("oneOf")
    told = schema.get("examples") or schema.get("enum")
    if told:
        return told[0]
    if choices:
        return _value(described, choices[0], name, known)
    if schema.get("type") == "object":
        needed = {*schema.get("required", ()), *known}
        fields = schema.get("properties", {}).items()
        return {
            field: _value(described, one, field, known) for field, one in fields if field in needed
        }
    if schema.get("type") == "array":
        return [_value(described, schema["items"], name, known)]
    return {"integer": 1, "boolean": True}.get(schema.get("type"), "text")
