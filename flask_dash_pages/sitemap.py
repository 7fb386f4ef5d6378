"""Sitemaps as XML. See https://www.sitemaps.org/protocol.html for the format."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable
from collections.abc import Iterator
from datetime import date
from datetime import datetime
from datetime import timezone
from urllib.parse import quote

from markupsafe import escape

#: The URLs that a sitemap may have, with those of other languages.
MOST_URLS = 50_000

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_XHTML = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'

#: A date and a time as W3C has them. Sitemaps want the zone of a time.
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)"
    r"[T ]((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)"
    r"(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?",
    re.ASCII,
)
_MONTH = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2]))?", re.ASCII)


class Entry(t.NamedTuple):
    """What a sitemap says of a URL."""

    url: str
    lastmod: str | None = None
    #: The languages and URLs of the same page in other ones.
    alternates: Iterable[tuple[str, str]] = ()


def urlset(entries: Iterable[Entry]) -> Iterator[str]:
    """The lines of a sitemap."""
    yield f"{_HEAD}<urlset {_NAMESPACE} {_XHTML}>\n"

    for entry in entries:
        lastmod = "" if entry.lastmod is None else f"<lastmod>{entry.lastmod}</lastmod>"
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{escape(language)}"'
            f' href="{_escaped(url)}"/>'
            for language, url in entry.alternates
        )
        yield f"<url><loc>{_escaped(entry.url)}</loc>{lastmod}{links}</url>\n"

    yield "</urlset>\n"


def index(urls: Iterable[str]) -> Iterator[str]:
    """The lines of a sitemap of sitemaps."""
    yield f"{_HEAD}<sitemapindex {_NAMESPACE}>\n"

    for url in urls:
        yield f"<sitemap><loc>{_escaped(url)}</loc></sitemap>\n"

    yield "</sitemapindex>\n"


def _escaped(url: str) -> str:
    # Not all characters can be in XML.
    return escape(quote(url, safe="%/:?#[]@!$&'()*+,;=~", errors="replace"))


def lastmod_text(value: t.Any) -> str:
    """When a page was changed as a sitemap has it. A time without a zone is taken for
    UTC.

    :raises ValueError: If it is no date, datetime or ISO string.
    """
    if isinstance(value, datetime):
        zone = value.tzinfo or timezone.utc
        return value.replace(tzinfo=zone).isoformat(timespec="seconds")

    if isinstance(value, date):
        return value.isoformat()

    if isinstance(value, str) and (text := _iso(value)) is not None:
        return text

    raise ValueError(
        f"{value!r} is not when a page was changed. Give a date, a datetime, or a"
        " string such as '2024-05-31' or '2024-05-31T10:00:00Z'."
    )


def _iso(text: str) -> str | None:
    if _MONTH.fullmatch(text):
        return text

    moment = _MOMENT.fullmatch(text)
    day = text if moment is None else moment[1]

    try:
        is_day = date.fromisoformat(day).isoformat() == day
    except ValueError:
        return None

    if not is_day or moment is None:
        return day if is_day else None

    return f"{day}T{moment[2]}{moment[3] or 'Z'}"
