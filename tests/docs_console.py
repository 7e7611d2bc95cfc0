"""Pages whose console blocks are run as written: commands in, and the output that the page shows.

Every ```console block of such a page is run, in this process, against a service of the test. A
line that starts with `$ ` is a command (`outcomes`, `curl`, or `sed ... | outcomes`); what follows
is its output. Comments that readers do not see steer the run:

    <!-- not run -->                       the next block is left out
    <!-- clock 2024-07-05T09:00:00Z -->    from here on the service believes that it is then
    <!-- setup                             commands that are run first and whose output is not shown
    $ letter=outcomes ...                  `$letter` is then the last identifier that it printed
    -->

Instants differ from run to run, and so do identifiers and hashes: the first time that a page shows
one of these, the one found in its place stands for it from then on, in commands too. All else must
be the same.
"""

import argparse
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.cli.client import Service
from tests.command_line import run_outcomes

SHOWN_URL = "http://127.0.0.1:8000"
"""The address that pages name; the service of the test has another port."""

_PART = re.compile(
    r"^<!-- (?P<skip>not run) -->$"
    r"|^<!-- clock (?P<clock>\S+) -->$"
    r"|^<!-- setup\n(?P<setup>.*?)^-->$"
    r"|^```console\n(?P<block>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_VARIES = re.compile(
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # an identifier
    r"|\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b)"  # a hash, whole or shortened
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| UTC)?")
_NAMED = re.compile(r"(?:(\w+)=(?=outcomes ))?(.*)")
_NAME = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Step:
    """One command of a page. `expected` is None where its output is not shown."""

    line: int
    command: str
    expected: str | None
    clock: str | None


def steps(page: str) -> Iterator[Step]:
    """The commands of a page in order."""
    clock, skip = None, False
    for part in _PART.finditer(page):
        clock = part["clock"] or clock
        text = part["setup"] if part["setup"] is not None else part["block"]
        if text is not None and not skip:
            first = page.count("\n", 0, part.start()) + 2
            for line, command, output in _commands(text):
                yield Step(first + line, command, output if part["block"] else None, clock)
        skip = bool(part["skip"]) or (skip and text is None)


def _commands(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, command and output of each command in a block."""
    for found in re.finditer(r"^\$ ((?:.*\\\n)*.*\n)((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
        command = re.sub(r"\\\n\s*", "", found[1]).strip()
        yield text.count("\n", 0, found.start()), command, found[2]


class Console:
    """Runs commands against one service and compares what they print with what a page shows."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.found: dict[str, str] = {}
        self.named: dict[str, str] = {}

    def run(self, step: Step, monkeypatch: Any) -> tuple[str, int]:
        """What a command prints, both streams as a terminal shows them, and its exit code."""
        if step.command.startswith("#"):
            return "", 0
        name, command = _NAMED.fullmatch(step.command.replace(SHOWN_URL, self.url)).groups()
        command = _VARIES.sub(lambda match: self.found.get(match[0], match[0]), command)
        command = _NAME.sub(lambda match: self.named[match[1]], command)
        monkeypatch.setattr(Service, "__enter__", _entered_at(step.clock))
        program, *arguments = shlex.split(command)
        piped = None
        if program == "sed":
            place = arguments.index("|")
            piped = subprocess.run(["sed", *arguments[:place]], capture_output=True, check=True)
            program, *arguments = arguments[place + 1 :]
        if program == "outcomes":
            result = run_outcomes(*arguments, stdin=piped.stdout if piped else None)
            output, code = result.output, result.exit_code
        elif program == "curl":
            output, code = _curl(arguments, step.clock), 0
        else:
            raise AssertionError(f"line {step.line}: this runs outcomes and curl, not {program}")
        if name:
            self.named[name] = _VARIES.findall(output)[-1]
        return output.replace(self.url, SHOWN_URL), code

    def difference(self, step: Step, output: str, code: int) -> str | None:
        """What differs from the page, or None; learns what stands for what."""
        if step.expected is None:
            return f"line {step.line}: {step.command}\n{output}" if code else None
        shown, printed = (
            _VARIES.split(_INSTANT.sub("(an instant)", text.rstrip()))
            for text in (step.expected, output)
        )
        same = shown[::2] == printed[::2] and all(
            self.found.setdefault(one, other) == other
            for one, other in zip(shown[1::2], printed[1::2], strict=True)
        )
        if same:
            return None
        return f"line {step.line}: {step.command}\n--- page\n{step.expected}--- now\n{output}"


def replay(path: Path, url: str, monkeypatch: Any) -> list[Step]:
    """Run a page from top to bottom; fails at the first command that prints something else."""
    console, done = Console(url), []
    for step in steps(path.read_text(encoding="utf-8")):
        difference = console.difference(step, *console.run(step, monkeypatch))
        assert difference is None, f"{path.name}, {difference}"
        done.append(step)
    return done


def _entered_at(clock: str | None) -> Any:
    def enter(service: Service) -> Service:
        if clock is not None:
            service.set_clock(clock)
        return service

    return enter


def _curl(arguments: list[str], clock: str | None) -> str:
    """What `curl ... | python3 -m json.tool` prints, without either program."""
    if "|" in arguments:
        arguments, tool = arguments[: arguments.index("|")], arguments[arguments.index("|") :]
        assert tool == ["|", "python3", "-m", "json.tool"], tool
    parser = argparse.ArgumentParser("curl", exit_on_error=False)
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-X", dest="method", default="GET")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", dest="body")
    parser.add_argument("url")
    asked = parser.parse_args(arguments)
    headers = dict(header.split(": ", 1) for header in asked.headers)
    if clock is not None:
        headers["Sandbox-Clock"] = clock
    answer = httpx.request(asked.method, asked.url, headers=headers, content=asked.body)
    return json.dumps(answer.json(), indent=4) + "\n"
