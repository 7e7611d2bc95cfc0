"""Links between the pages resolve, and every page can be found.

That the command line's page names every command, and the settings' page every setting, is tested in
tests/cli/test_docs.py and tests/test_settings.py.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("examples/*/*.md")])
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|\bhref=\"([^\"]+)\"")
_CODE = re.compile(r"^```.*?^```$|`[^`]*`", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def links(page: Path) -> list[str]:
    """The links of a page that lead to files of this project."""
    text = _CODE.sub("code", page.read_text(encoding="utf-8"))
    found = [match[1] or match[2] for match in _LINK.finditer(text)]
    return [link for link in found if not link.startswith(("http://", "https://", "mailto:"))]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    plain = (re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in _HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in plain}


def broken(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return not target.exists() or (bool(anchor) and anchor not in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    assert [link for link in links(page) if broken(page, link)] == []


def test_links_are_found_and_tried(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# A heading, `coded`\n[x](page.md) [`y`](other.md) and `code`\n"
        "[z](#a-heading-coded) [u](#no) `[not](a-link.md)` ![i](no.svg) [web](https://a.example)"
        "\n```\n# no heading\n[nor](here.md)\n```\n",
        encoding="utf-8",
    )
    assert links(page) == ["page.md", "other.md", "#a-heading-coded", "#no", "no.svg"]
    assert [one for one in links(page) if broken(page, one)] == ["other.md", "#no", "no.svg"]


def test_every_page_of_docs_can_be_reached_from_the_readme():
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page in seen:
            continue
        seen.add(page)
        if page.is_dir():
            waiting += page.glob("*.md")
        elif page.suffix == ".md":
            waiting += [
                page.parent / link.partition("#")[0] for link in links(page) if link[0] != "#"
            ]
    assert [page for page in PAGES if ROOT / "docs" in page.parents and page not in seen] == []
