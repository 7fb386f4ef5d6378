from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from test_page import make_page

from flask_dash_pages.meta import tags
from flask_dash_pages.visit import Visit


def visit_of(title: str = "Title", description: str = "Words") -> Visit:
    return Visit("/a", 200, title, description, make_page())


def test_tags_are_those_of_dash_in_its_order() -> None:
    made = tags(
        visit_of(),
        url="http://localhost/a?b",
        image="http://localhost/assets/a.png",
        canonical="http://localhost/a",
    )
    assert made.split("\n      ") == [
        '<meta name="description" content="Words">',
        '<meta property="twitter:card" content="summary_large_image">',
        '<meta property="twitter:url" content="http://localhost/a?b">',
        '<meta property="twitter:title" content="Title">',
        '<meta property="twitter:description" content="Words">',
        '<meta property="twitter:image" content="http://localhost/assets/a.png">',
        '<meta property="og:title" content="Title">',
        '<meta property="og:type" content="website">',
        '<meta property="og:description" content="Words">',
        '<meta property="og:image" content="http://localhost/assets/a.png">',
        '<meta property="og:url" content="http://localhost/a">',
        '<link rel="canonical" href="http://localhost/a">',
    ]


def test_tags_without_image_and_canonical() -> None:
    made = tags(visit_of(), url="", image=None, canonical=None)
    assert made.count("<") == 10
    assert '<meta property="og:image" content="">' in made
    assert "og:url" not in made


@given(st.text(), st.text(), st.text())
def test_tags_escape_everything(title: str, description: str, url: str) -> None:
    found: list[tuple[str, dict[str, str | None]]] = []

    class Parser(HTMLParser):
        def handle_starttag(
            self, tag: str, attrs: list[tuple[str, str | None]]
        ) -> None:
            found.append((tag, dict(attrs)))

    made = tags(visit_of(title, description), url=url, image=url, canonical=url)
    Parser().feed(str(made))
    assert [tag for tag, _ in found] == ["meta"] * 11 + ["link"]
    assert found[0][1] == {"name": "description", "content": description}
    assert found[3][1]["content"] == title
    assert found[11][1]["href"] == url
