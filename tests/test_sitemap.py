from __future__ import annotations

import typing as t
from datetime import date
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_dash_pages.sitemap import Entry
from flask_dash_pages.sitemap import index
from flask_dash_pages.sitemap import lastmod_text
from flask_dash_pages.sitemap import urlset

NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "x": "http://www.w3.org/1999/xhtml",
}


def parse(lines: t.Iterable[str]) -> ElementTree.Element:
    return ElementTree.fromstring("".join(lines))


def test_urlset_has_entries() -> None:
    found = parse(
        urlset(
            [
                Entry("http://localhost/a?b&c", "2024-05-31", [("de", "http://h/de")]),
                Entry("http://localhost/b"),
            ]
        )
    )
    first, second = found.findall("s:url", NAMES)
    assert first.findtext("s:loc", namespaces=NAMES) == "http://localhost/a?b&c"
    assert first.findtext("s:lastmod", namespaces=NAMES) == "2024-05-31"
    link = first.find("x:link", NAMES)
    assert link is not None
    assert link.attrib == {"rel": "alternate", "hreflang": "de", "href": "http://h/de"}
    assert [child.tag for child in second] == [f"{{{NAMES['s']}}}loc"]


def test_index_has_sitemaps() -> None:
    found = parse(index(["http://localhost/sitemap-1.xml", "http://localhost/?<&"]))
    assert [each.text for each in found.iterfind(".//s:loc", NAMES)] == [
        "http://localhost/sitemap-1.xml",
        "http://localhost/?%3C&",
    ]


@given(st.text(st.characters()), st.text(st.characters()))
def test_urls_are_escaped(url: str, other: str) -> None:
    found = parse(urlset([Entry(url, None, [("de", other)])]))
    (entry,) = found
    location, link = entry
    # Lone surrogates have no URL.
    expected = url.encode("utf-8", "replace").decode()
    assert unquote(location.text or "") == unquote(expected)
    assert set(link.attrib) == {"rel", "hreflang", "href"}


EAST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2024, 5, 31), "2024-05-31"),
        (datetime(2024, 5, 31, 10), "2024-05-31T10:00:00+00:00"),
        (datetime(2024, 5, 31, 10, 0, 0, 7, EAST), "2024-05-31T10:00:00+02:00"),
        ("2024", "2024"),
        ("2024-05", "2024-05"),
        ("2024-05-31", "2024-05-31"),
        ("2024-05-31T10:00Z", "2024-05-31T10:00Z"),
        ("2024-05-31T10:00:00", "2024-05-31T10:00:00Z"),
        ("2024-05-31 10:00:00.123+02:00", "2024-05-31T10:00:00.123+02:00"),
    ],
)
def test_lastmod(value: t.Any, expected: str) -> None:
    assert lastmod_text(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        *("", "yesterday", "2024-02-30", "2024-13", "2024-05-31T25:00Z", "20240531"),
        *("2024-05-31\n", "2024-05-31T10:00:00+99:00", 2024, True, None, []),
    ],
)
def test_lastmod_that_is_none(value: t.Any) -> None:
    with pytest.raises(ValueError, match="is not when a page was changed"):
        lastmod_text(value)


@given(st.datetimes() | st.dates())
def test_lastmod_is_read_again(value: date) -> None:
    assert lastmod_text(lastmod_text(value)) == lastmod_text(value)
