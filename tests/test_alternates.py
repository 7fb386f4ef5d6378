from __future__ import annotations

import typing as t

import pytest
from flask import Flask

from flask_dash_pages import DashPages
from flask_dash_pages import PageError

HREF = '<link rel="alternate" hreflang="{}" href="{}">'


def links(app: Flask, path: str, **options: t.Any) -> list[str]:
    """The lines of the head that name other languages."""
    text = app.test_client().get(path, **options).text
    return [
        line.strip()
        for line in text.splitlines()
        if line.strip().startswith('<link rel="alternate"')
    ]


def deny(page: t.Any, variables: t.Any) -> bool:
    return False


def test_paths_modules_and_urls(bare_app: Flask) -> None:
    pages = DashPages(bare_app, pages_folder=None, url_prefix="/p")
    pages.register_page(
        "report",
        path_template="/report/<int:number>",
        layout="",
        alternates={
            "de": "/de/<number>",
            "fr": "rapport",
            "x-default": "https://example.org/?a&b",
        },
    )
    pages.register_page("rapport", path_template="/fr/<int:number>", layout="")
    assert links(bare_app, "/p/report/7") == [
        HREF.format("de", "http://localhost/p/de/7"),
        HREF.format("fr", "http://localhost/p/fr/7"),
        HREF.format("x-default", "https://example.org/?a&amp;b"),
    ]


def test_urls_below_a_prefix_of_the_server(bare_app: Flask) -> None:
    pages = DashPages(bare_app, pages_folder=None)
    alternates = {"de": "/de", "fr": "rapport"}
    pages.register_page("report", layout="", alternates=alternates)
    pages.register_page("rapport", layout="")
    assert links(bare_app, "/report", base_url="https://h.org/root/") == [
        HREF.format("de", "https://h.org/root/de"),
        HREF.format("fr", "https://h.org/root/rapport"),
    ]


def test_page_of_another_section(bare_app: Flask) -> None:
    alternates = {"en": "report", "de": "bericht"}

    for name, module in [("en", "report"), ("de", "bericht")]:
        pages = DashPages(name=name, url_prefix=f"/{name}", pages_folder=None)
        pages.register_page(module, layout="", alternates=alternates)
        pages.init_app(bare_app)

    for path in ("/en/report", "/de/bericht"):
        assert links(bare_app, path) == [
            HREF.format("en", "http://localhost/en/report"),
            HREF.format("de", "http://localhost/de/bericht"),
        ]


@pytest.mark.parametrize("alternate", ["other", "/other", "http://localhost/other"])
@pytest.mark.parametrize("options", [{"guard": deny}, {"noindex": True}, {}])
def test_pages_that_are_not_indexed_are_left_out(
    bare_app: Flask, alternate: str, options: dict[str, t.Any]
) -> None:
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page("home", layout="", alternates={"de": alternate})
    pages.register_page("other", layout="", **options)
    assert len(links(bare_app, "/home")) == (not options)


def test_alternate_that_lacks_variables_is_left_out(bare_app: Flask) -> None:
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page(
        "report",
        path="/report",
        path_template="/report/<int:number>",
        layout="",
        alternates={"de": "/de/<number>", "fr": "rapport", "en": "report"},
    )
    pages.register_page(
        "rapport", path="/fr", path_template="/fr/<int:number>", layout=""
    )
    assert links(bare_app, "/report") == [
        HREF.format("fr", "http://localhost/fr"),
        HREF.format("en", "http://localhost/report"),
    ]
    assert len(links(bare_app, "/report/7")) == 3


@pytest.mark.parametrize(
    ("alternates", "message"),
    [
        (["/de"], "must be a dict from languages"),
        ({"de": 7}, "must be a dict from languages"),
        ({"german!": "/de"}, "no hreflang. Write one such as 'de'"),
        ({7: "/de"}, "no hreflang"),
        ({"de": "/de/<other>"}, "has the variable 'other', which the path_template"),
        ({"de": "/de/<float:number>"}, "can take what the page's path_template"),
        ({"de": "/de/<number"}, "is not a URL rule"),
        ({"de": "https://h.org/<number>"}, "which only paths can have"),
        ({"de": "ftp://h.org/"}, "is not a full URL"),
        ({"de": "https:///de"}, "is not a full URL"),
        ({"de": "https://[h.org/"}, "is not a full URL"),
        ({"de": "javascript://h.org/%0aalert(1)"}, "is not a full URL"),
        ({"de": "//h.org/a"}, "'//h.org/a' in alternates in .* is no path, URL, "),
        ({"de": "/a?b=c"}, "'/a.b=c' in alternates"),
        ({"de": "/a#b"}, "'/a#b' in alternates"),
        ({"de": ""}, "'' in alternates"),
    ],
)
def test_bad_alternates(bare_app: Flask, alternates: t.Any, message: str) -> None:
    pages = DashPages(bare_app, pages_folder=None)

    with pytest.raises(PageError, match=message):
        pages.register_page(
            "report",
            path_template="/report/<int:number>",
            layout="",
            alternates=alternates,
        )

    # It left nothing.
    pages.register_page("home", layout="")
    assert links(bare_app, "/home") == []


def test_same_module_in_two_sections(bare_app: Flask) -> None:
    for name in ("en", "de"):
        pages = DashPages(bare_app, name=name, url_prefix=f"/{name}", pages_folder=None)

        alternates = {"en": "en.home", "de": "de.home"}
        pages.register_page("home", layout="", alternates=alternates)

    expected = [
        f'<link rel="alternate" hreflang="{each}" href="http://localhost/{each}/home">'
        for each in ("en", "de")
    ]
    assert links(bare_app, "/en/home") == links(bare_app, "/de/home") == expected


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("nothing", "has 'nothing' in alternates, which is no page of the app"),
        ("report", "has the variable 'number' that the page lacks"),
    ],
)
def test_bad_modules(
    bare_app: Flask, module: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page("home", layout="", alternates={"de": module})
    pages.register_page("report", path_template="/report/<int:number>", layout="")

    for _ in range(2):
        assert links(bare_app, "/home") == []

    (logged,) = caplog.messages
    assert message in logged
