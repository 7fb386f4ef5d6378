"""A list of pages for language models. See https://llmstxt.org for the format."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable
from collections.abc import Iterator

#: What would end the text of a link, or begin something else.
_SYNTAX = re.compile(r"[\\`*\[\]<]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")

#: What would end the URL of a link.
_IN_URL = str.maketrans({"(": "%28", ")": "%29"})


class Link(t.NamedTuple):
    """A page in the list."""

    title: str
    url: str
    description: str = ""


class Section(t.NamedTuple):
    """A part of the list."""

    title: str
    links: Iterable[Link]


def llms_text(
    title: str, description: str, notes: Iterable[str], sections: Iterable[Section]
) -> Iterator[str]:
    """The lines of the list. A section without links is left out.

    :param notes: Paragraphs before the list, as Markdown.
    """
    yield f"# {plain(title)}\n"

    if description:
        yield f"\n> {plain(description)}\n"

    for note in notes:
        yield f"\n{note}\n"

    for section in sections:
        for number, link in enumerate(section.links):
            if number == 0:
                yield f"\n## {plain(section.title)}\n\n"

            yield _line(link)


def _line(link: Link) -> str:
    line = f"- [{plain(link.title)}]({link.url.translate(_IN_URL)})"
    return f"{line}: {plain(link.description)}\n" if link.description else f"{line}\n"


def plain(text: str) -> str:
    """``text`` as one line of Markdown that means the same."""
    return _SYNTAX.sub(r"\\\g<0>", " ".join(text.split()))
