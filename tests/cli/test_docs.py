"""The page about the command line names every command, and no other."""

import re
from pathlib import Path

import typer

from app.cli.main import main

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"


def commands() -> set[str]:
    root = typer.main.get_command(main)
    found = set()
    for name, command in root.commands.items():
        inner = getattr(command, "commands", None)
        found |= {f"{name} {sub}" for sub in inner} if inner else {name}
    return found


def test_every_command_is_described():
    text = PAGE.read_text(encoding="utf-8")
    named = re.findall(r"^(?:### |\| `)outcomes ([a-z-]+(?: [a-z][a-z-]*)?)", text, re.MULTILINE)
    assert set(named) == commands()
