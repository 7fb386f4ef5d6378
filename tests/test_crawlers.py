from __future__ import annotations

import json
import logging
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import bound_pages
from conftest import HTML
from conftest import JSON
from conftest import MakeApp
from conftest import new_app
from dash import html
from dash import Input
from flask import abort
from flask import Blueprint
from flask import Flask
from flask import redirect
from flask import request
from flask import session
from flask import url_for

from flask_dash_pages import DashPages
from flask_dash_pages import markdown
from flask_dash_pages import page_container
from flask_dash_pages import page_registry
from flask_dash_pages import PageError
from flask_dash_pages import signals
from flask_dash_pages import sitemap

ALL = {f"DASH_PAGES_{key}": True for key in ("SITEMAP", "ROBOTS", "LLMS", "MARKDOWN")}
ROUTES = ["/sitemap.xml", "/robots.txt", "/llms.txt"]
AGENT = {"Accept": "text/markdown, text/html;q=0.9, */*;q=0.8"}
LOCATION = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture
def on_app(tmp_path: Path) -> Flask:
    """An app for which everything is turned on."""
    return new_app(tmp_path, **ALL)


@pytest.fixture
def pages(on_app: Flask) -> DashPages:
    return DashPages(on_app, pages_folder=None)


def urls(app: Flask, path: str = "/sitemap.xml", **options: t.Any) -> list[str]:
    response = app.test_client().get(path, **options)
    assert response.status_code == 200
    assert response.mimetype == "application/xml"
    tree = ElementTree.fromstring(response.get_data())
    return [found.text or "" for found in tree.iter(LOCATION)]


def text(app: Flask, path: str, **options: t.Any) -> str:
    response = app.test_client().get(path, **options)
    assert response.status_code == 200
    return response.text


def numbers(count: int) -> Callable[[], Iterator[dict[str, int]]]:
    return lambda: ({"number": number} for number in range(count))


def deny(page: t.Any, variables: t.Any) -> bool:
    return False


# What is on


@pytest.mark.parametrize("path", [*ROUTES, "/sitemap-1.xml"])
def test_route_is_off(bare_app: Flask, path: str) -> None:
    DashPages(bare_app, pages_folder=None).register_page("home", path="/", layout="")
    assert bare_app.test_client().get(path).status_code == 404


@pytest.mark.parametrize("key", ["SITEMAP", "ROBOTS", "LLMS"])
def test_route_is_on_by_itself(tmp_path: Path, key: str) -> None:
    app = new_app(tmp_path, **{f"DASH_PAGES_{key}": True})
    DashPages(app, pages_folder=None).register_page("home", layout="")
    found = [path for path in ROUTES if app.test_client().get(path).status_code == 200]
    assert [path.strip("/").partition(".")[0].upper() for path in found] == [key]


@pytest.mark.parametrize("key", ALL)
def test_config_is_true_or_false(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match=f"{key} = 'yes'. It can be one of True"):
        DashPages(new_app(tmp_path, **{key: "yes"}), pages_folder=None)


def test_url_for(on_app: Flask, pages: DashPages) -> None:
    with on_app.test_request_context():
        assert url_for("dash_pages_sitemap") == "/sitemap.xml"
        assert url_for("dash_pages_robots") == "/robots.txt"
        assert url_for("dash_pages_llms") == "/llms.txt"


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("in_blueprint", [True, False])
def test_rule_of_the_app_goes_first(
    on_app: Flask, path: str, is_first: bool, in_blueprint: bool
) -> None:
    blueprint = Blueprint("own", __name__)
    seen = []

    def view() -> str:
        seen.append(request.endpoint)
        return "own"

    @on_app.before_request
    def look() -> None:
        seen.append(request.endpoint)

    def add() -> None:
        if in_blueprint:
            blueprint.add_url_rule(path, "view", view)
            on_app.register_blueprint(blueprint)
        else:
            on_app.add_url_rule(path, "own.view", view)

    if is_first:
        add()

    DashPages(on_app, pages_folder=None).register_page("home", layout="")

    if not is_first:
        add()

    assert text(on_app, path) == "own"
    assert seen == ["own.view", "own.view"]


def test_rule_with_variables_of_the_app_goes_first(
    on_app: Flask, pages: DashPages
) -> None:
    @on_app.get("/sitemap-<int:part>.xml")
    def own(part: int) -> str:
        return f"own {part}"

    assert text(on_app, "/sitemap-7.xml") == "own 7"


def test_rule_for_another_method_does_not_go_first(
    on_app: Flask, pages: DashPages
) -> None:
    @on_app.post("/robots.txt")
    def own() -> str:
        return "own"

    assert "User-agent" in text(on_app, "/robots.txt")
    assert on_app.test_client().post("/robots.txt").text == "own"


def test_routes_go_before_rules_with_variables(on_app: Flask, pages: DashPages) -> None:
    on_app.add_url_rule("/<path:anything>", "anything", lambda anything: "own")
    pages.register_page("any", path_template="/<name>", layout="")
    assert "User-agent" in text(on_app, "/robots.txt")


# The sitemap


def test_sitemap_has_pages_without_variables(on_app: Flask, pages: DashPages) -> None:
    pages.register_page("home", path="/", layout="", redirect_from=["/old"])
    pages.register_page("new", path="/ä b&c", layout="", lastmod="2024-05-31")
    pages.register_page("report", path_template="/report/<int:number>", layout="")
    pages.register_page("left", layout="", sitemap=False)
    pages.register_page("secret", layout="", guard=deny)
    pages.register_page("drafts", layout="", noindex=True)
    pages.register_page("not_found_404", path="/missing", layout="")
    assert urls(on_app) == ["http://localhost/", "http://localhost/%C3%A4%20b&c"]
    assert "<lastmod>2024-05-31</lastmod>" in text(on_app, "/sitemap.xml")


def test_urls_are_the_canonical_ones(on_app: Flask, pages: DashPages) -> None:
    pages.register_page("new", path="/ä b&c'(~)", layout="")
    (url,) = urls(on_app)
    escaped = url.replace("&", "&amp;").replace("'", "&#39;")
    assert f'<link rel="canonical" href="{escaped}">' in text(on_app, url)


def test_sitemap_has_what_the_function_yields(on_app: Flask, pages: DashPages) -> None:
    pages.register_page(
        "report",
        path_template="/report/<int:number>",
        layout="",
        sitemap=numbers(2),
        lastmod=lambda number: f"2024-01-0{number + 1}",
        alternates={"de": "/de/<number>"},
    )
    assert urls(on_app) == [f"http://localhost/report/{number}" for number in (0, 1)]
    found = text(on_app, "/sitemap.xml")
    assert "<lastmod>2024-01-02</lastmod>" in found
    assert 'hreflang="de" href="http://localhost/de/1"' in found


@pytest.mark.parametrize(
    ("path", "template", "expected"),
    [
        ("/report", "/report/<number>", ["/report", "/report/0"]),
        ("/report/all", "/report/<number>", ["/report/all", "/report/0"]),
        (None, "/report/<number>", ["/report/0"]),
    ],
)
def test_sitemap_has_the_path_of_a_page_with_variables(
    on_app: Flask, pages: DashPages, path: str, template: str, expected: list[str]
) -> None:
    pages.register_page(
        "report", path, path_template=template, layout="", sitemap=numbers(1)
    )
    assert urls(on_app) == [f"http://localhost{each}" for each in expected]


def test_sitemap_has_all_sections(on_app: Flask) -> None:
    parent = Blueprint("parent", __name__, url_prefix="/parent")
    nested = DashPages(parent, name="one", url_prefix="/one", pages_folder=None)
    nested.register_page("a", layout="")
    on_app.register_blueprint(parent)
    other = DashPages(name="two", url_prefix="/two", pages_folder=None)
    other.register_page("a", layout="")
    other.init_app(on_app)
    assert urls(on_app) == ["http://localhost/parent/one/a", "http://localhost/two/a"]


def test_sitemap_lists_what_leads_to_the_page(
    bare_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    bare_app.config["DASH_PAGES_SITEMAP"] = True
    DashPages(bare_app, pages_folder=None).register_page(
        "one",
        path_template="/one/<name>",
        layout="",
        sitemap=lambda: [{"name": name} for name in ("a/b", "", "ä", "a b")],
    )
    assert urls(bare_app) == [
        "http://localhost/one/%C3%A4",
        "http://localhost/one/a%20b",
    ]
    assert len(caplog.records) == 1


@pytest.mark.parametrize("number", ["0", "2", "50001", "9" * 30])
def test_sitemap_part_that_is_not_there(on_app: Flask, number: str) -> None:
    assert on_app.test_client().get(f"/sitemap-{number}.xml").status_code == 404


def test_parts_of_a_subdomain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flask_dash_pages.sitemap.MOST_URLS", 2)
    app = Flask("testapp", root_path=str(tmp_path), subdomain_matching=True)
    app.config.update(SERVER_NAME="x.test", DASH_PAGES_SITEMAP=True)

    for subdomain in ("", "adm"):
        pages = DashPages(
            name=f"p{subdomain}", subdomain=subdomain or None, pages_folder=None
        )

        for number in range(3):
            pages.register_page(f"{subdomain}{number}", layout="")

        pages.init_app(app)

    for base in ("http://x.test", "http://adm.x.test"):
        names = [f"{base}/sitemap-{number}.xml" for number in (1, 2)]
        assert urls(app, base_url=base) == names


def test_each_host_has_its_own_sitemap(tmp_path: Path) -> None:
    app = Flask(
        "testapp", root_path=str(tmp_path), host_matching=True, static_host="a.org"
    )
    app.config.update(ALL)

    for host in ("a.org", "b.org"):
        section = DashPages(name=host[0], host=host, pages_folder=None)
        section.register_page(host[0], layout="")
        section.init_app(app)

    for host in ("a.org", "b.org"):
        base = f"http://{host}"
        assert urls(app, base_url=base) == [f"{base}/{host[0]}"]
        assert f"{base}/sitemap.xml" in text(app, "/robots.txt", base_url=base)

    response = app.test_client().get("/robots.txt", base_url="http://c.org")
    assert response.status_code == 404


def test_urls_have_the_prefix_of_the_server(on_app: Flask, pages: DashPages) -> None:
    pages.register_page("home", layout="")
    base = "https://h.org/root/"
    assert urls(on_app, base_url=base) == ["https://h.org/root/home"]
    robots = text(on_app, "/robots.txt", base_url=base)
    assert "Sitemap: https://h.org/root/sitemap.xml\n" in robots
    assert "(https://h.org/root/home)" in text(on_app, "/llms.txt", base_url=base)


def fails() -> Iterator[dict[str, int]]:
    yield {"number": 1}
    raise LookupError


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (fails, ["/report/1"]),
        (lambda: None, []),
        (lambda: [{"number": "a"}, {"number": 2}], ["/report/2"]),
        (lambda: [{"other": 1}, {"number": 2}], ["/report/2"]),
        (lambda: [{"number": 1, "other": 1}, {"number": 2}], ["/report/2"]),
        (lambda: [{}, 7, None, {"number": 2}], ["/report/2"]),
    ],
)
@pytest.mark.parametrize("path", ["/sitemap.xml", "/llms.txt"])
def test_error_of_a_page_is_logged_once(
    on_app: Flask,
    pages: DashPages,
    caplog: pytest.LogCaptureFixture,
    function: t.Any,
    expected: list[str],
    path: str,
) -> None:
    pages.register_page(
        "report", path_template="/report/<int:number>", layout="", sitemap=function
    )
    pages.register_page("home", path="/z", layout="")

    for _ in range(2):
        found = text(on_app, path)

    for each in [*expected, "/z"]:
        assert f"http://localhost{each}" in found

    assert found.count("http://localhost") == len(expected) + 1
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "of the page 'report' in" in record.getMessage()


def test_lastmod_that_fails_is_left_out(
    on_app: Flask, pages: DashPages, caplog: pytest.LogCaptureFixture
) -> None:
    pages.register_page("one", layout="", lastmod=lambda: "yesterday")
    pages.register_page("two", layout="", lastmod=lambda: None)
    assert len(urls(on_app)) == 2
    assert "<lastmod>" not in text(on_app, "/sitemap.xml")
    assert len(caplog.records) == 1


@pytest.mark.parametrize(("count", "parts"), [(3, 0), (4, 2), (6, 2), (7, 3)], ids=str)
def test_sitemap_is_split(
    on_app: Flask,
    pages: DashPages,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    parts: int,
) -> None:
    monkeypatch.setattr(sitemap, "MOST_URLS", 3)
    pages.register_page(
        "report", path_template="/<int:number>", layout="", sitemap=numbers(count)
    )
    names = [f"http://localhost/sitemap-{n}.xml" for n in range(1, parts + 1)]
    expected = [f"http://localhost/{number}" for number in range(count)]
    assert urls(on_app) == (names or expected)

    if parts:
        assert [url for name in names for url in urls(on_app, name)] == expected

    client = on_app.test_client()

    for number in (0, parts + 1):
        assert client.get(f"/sitemap-{number}.xml").status_code == 404


def test_other_languages_count(
    on_app: Flask, pages: DashPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "MOST_URLS", 4)

    for name in "abc":
        pages.register_page(name, layout="", alternates={"de": f"/de/{name}"})

    assert len(urls(on_app)) == 2
    assert urls(on_app, "/sitemap-2.xml") == ["http://localhost/c"]


def test_above_fifty_thousand_urls(on_app: Flask, pages: DashPages) -> None:
    pages.register_page(
        "report", path_template="/<int:number>", layout="", sitemap=numbers(50_001)
    )
    assert len(urls(on_app)) == 2
    assert urls(on_app, "/sitemap-2.xml") == ["http://localhost/50000"]


def test_function_is_not_read_further_than_needed(
    on_app: Flask, pages: DashPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "MOST_URLS", 2)
    read, closed = [], []

    def paths() -> Iterator[dict[str, int]]:
        try:
            for number in range(100):
                read.append(number)
                yield {"number": number}
        finally:
            closed.append(True)

    pages.register_page(
        "report", path_template="/<int:number>", layout="", sitemap=paths
    )
    urls(on_app, "/sitemap-2.xml")
    assert read == [0, 1, 2, 3]
    assert closed == [True]


@pytest.mark.parametrize("path", ROUTES)
def test_answers_with_a_session_are_not_shared(
    on_app: Flask, pages: DashPages, path: str
) -> None:
    pages.register_page("home", layout="")
    on_app.secret_key = "key"

    @on_app.before_request
    def use_session() -> None:
        session.permanent = True

    response = on_app.test_client().get(path)
    assert "Set-Cookie" in response.headers
    assert response.cache_control.private
    assert not response.cache_control.public
    assert "cookie" in response.vary.as_set()


@pytest.mark.parametrize("path", ROUTES)
def test_answers_may_be_kept(on_app: Flask, pages: DashPages, path: str) -> None:
    pages.register_page("home", layout="")
    client = on_app.test_client()
    response = client.get(path)
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in response.headers
    again = client.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_function_is_called_for_its_section(on_app: Flask) -> None:
    found = []

    def paths() -> list[dict[str, str]]:
        found.append(list(page_registry))
        return [{"name": "a"}]

    for name in ("one", "two"):
        section = DashPages(name=name, url_prefix=f"/{name}", pages_folder=None)
        section.register_page(name, path_template="/<name>", layout="", sitemap=paths)
        section.init_app(on_app)

    assert len(urls(on_app)) == 2
    assert found == [["one"], ["two"]]


# Nothing of guarded pages


@pytest.mark.parametrize("path", ROUTES)
def test_guarded_pages_are_nowhere(make_app: MakeApp, path: str) -> None:
    app = make_app(
        {
            "home": "register_page(__name__)\nlayout = ''",
            "secret": """
                register_page(
                    __name__,
                    path_template="/secret/<a>",
                    path="/secret",
                    title="Secret",
                    guard=lambda page, variables: True,
                    sitemap=lambda: [{"a": "secret"}],
                )
                layout = ""
            """,
            "staff/__init__": "guard = lambda page, variables: True",
            "staff/secret_people": "register_page(__name__)\nlayout = ''",
        },
        config=ALL,
    )
    assert "secret" not in text(app, path).lower()


def test_guarded_section_is_nowhere(on_app: Flask) -> None:
    section = DashPages(pages_folder=None, guard=lambda page, variables: True)
    section.register_page("home", layout="")
    section.init_app(on_app)
    assert urls(on_app) == []
    assert "home" not in text(on_app, "/llms.txt")


def test_page_that_cannot_be_imported_is_nowhere(make_app: MakeApp) -> None:
    # It may be one with a guard.
    files = {"secret": "1 / 0", "home": "register_page(__name__)\nlayout = ''"}
    app = make_app(files, config={**ALL, "DASH_PAGES_IMPORT_ERRORS": "page"})
    assert urls(app) == ["http://localhost/home"]
    assert "secret" not in text(app, "/llms.txt").lower()


# robots.txt and noindex


def test_robots_without_a_sitemap(tmp_path: Path) -> None:
    app = new_app(tmp_path, DASH_PAGES_ROBOTS=True)
    DashPages(app, pages_folder=None)
    assert text(app, "/robots.txt") == "User-agent: *\nDisallow:\n"


NOINDEX = '<meta name="robots" content="noindex">'


@pytest.mark.parametrize("headers", [HTML, JSON, AGENT], ids=str)
def test_noindex_header(
    on_app: Flask, pages: DashPages, headers: dict[str, str]
) -> None:
    pages.register_page("drafts", layout="", noindex=True)
    pages.register_page("home", layout="")
    client = on_app.test_client()
    drafts = client.get("/drafts", headers=headers)
    assert drafts.headers["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in client.get("/home", headers=headers).headers


def test_noindex_tag(on_app: Flask, pages: DashPages) -> None:
    pages.register_page("drafts", layout="", noindex=True)
    pages.register_page("home", layout="")
    assert NOINDEX in text(on_app, "/drafts")
    assert "robots" not in text(on_app, "/home")
    assert "drafts" not in text(on_app, "/robots.txt")


def test_noindex_tag_without_other_tags(bare_app: Flask) -> None:
    pages = DashPages(bare_app, pages_folder=None, include_pages_meta=False)
    pages.register_page("drafts", layout="", noindex=True)
    assert NOINDEX in text(bare_app, "/drafts")


# JSON-LD


def json_ld(found: str) -> str:
    start = '<script type="application/ld+json">'
    return found.partition(start)[2].partition("</script>")[0]


@pytest.mark.parametrize(
    "value",
    [
        {"@type": "Report", "name": "</script><!-- <script> {%app_entry%} & ä \u2028"},
        [{"@type": "Report"}, {}],
        {},
    ],
)
def test_json_ld(bare_app: Flask, value: t.Any) -> None:
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page("one", layout="", json_ld=value)
    pages.register_page("two", layout="", json_ld=lambda: value)

    for path in ("/one", "/two"):
        found = text(bare_app, path)
        assert json.loads(json_ld(found)) == value
        assert "<!--" not in json_ld(found)


def test_json_ld_of_variables(bare_app: Flask) -> None:
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page(
        "report",
        path_template="/<int:number>",
        layout="",
        json_ld=lambda number: {"n": number} if number else None,
    )
    assert json_ld(text(bare_app, "/7")) == '{"n":7}'
    assert "ld+json" not in text(bare_app, "/0")


def test_json_ld_is_dropped_if_the_page_is_denied(bare_app: Flask) -> None:
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page("one", layout="", guard=deny, json_ld={"a": "secret"})
    pages.register_page("two", layout=lambda: abort(403), json_ld={"a": "secret"})

    for path in ("/one", "/two"):
        response = bare_app.test_client().get(path)
        assert response.status_code == 403
        assert "secret" not in response.text


def test_json_ld_is_not_made_for_navigation(bare_app: Flask) -> None:
    calls: list[int] = []
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page("one", layout="", json_ld=lambda: calls.append(1))
    bare_app.test_client().get("/one", headers=JSON)
    assert calls == []


@pytest.mark.parametrize("value", ["a", 7, object()])
def test_json_ld_function_that_returns_something_else(
    bare_app: Flask, value: t.Any
) -> None:
    failed = []
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page("one", layout="", json_ld=lambda: value)

    def receive(sender: Flask, exception: Exception, **extra: t.Any) -> None:
        failed.append(exception)

    with (
        signals.page_failed.connected_to(receive, bare_app),
        pytest.raises(TypeError, match="The json_ld of 'one' returned"),
    ):
        bare_app.test_client().get("/one")

    assert len(failed) == 1


ENDLESS: list[t.Any] = []
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"noindex": "yes"}, "The noindex in .* is 'yes'. It must be True or False"),
        ({"json_ld": "a"}, "The json_ld in .* is 'a'. It must be a dict, a list"),
        ({"json_ld": {"a": object()}}, "cannot be written as JSON"),
        ({"json_ld": ENDLESS}, "cannot be written as JSON"),
        ({"json_ld": lambda a: {}}, "the json_ld of 'one' in .* requires 'a'"),
        ({"lastmod": "soon"}, "The lastmod in .* cannot be used. 'soon' is not when"),
        ({"lastmod": lambda a: ""}, "the lastmod of 'one' in .* requires 'a'"),
        ({"sitemap": None}, "The sitemap in .* is None. It must be True, False"),
        ({"sitemap": [{}]}, "It must be True, False, or a function"),
        ({"sitemap": lambda a: []}, "a function without arguments"),
        ({"sitemap": list}, "the path has no variables that it could yield"),
    ],
)
def test_bad_values(bare_app: Flask, options: dict[str, t.Any], message: str) -> None:
    pages = DashPages(bare_app, pages_folder=None)

    with pytest.raises(PageError, match=message):
        pages.register_page("one", layout="", **options)


# Markdown


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("text/markdown", "text/markdown"),
        ("text/markdown, text/html, */*", "text/markdown"),
        ("text/html, text/markdown", "text/markdown"),
        ("text/html, text/markdown;q=0.9", "text/html"),
        ("text/markdown;q=0, text/html", "text/html"),
        ("text/*", "text/html"),
        ("*/*", "text/html"),
        (HTML["Accept"], "text/html"),
        (JSON["Accept"], JSON["Accept"]),
        ("", "text/html"),
    ],
)
def test_who_gets_markdown(
    on_app: Flask, pages: DashPages, accept: str, mimetype: str
) -> None:
    pages.register_page("home", layout="text")
    response = on_app.test_client().get("/home", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.mimetype == mimetype
    assert "Accept" in response.vary


def test_markdown_is_off(bare_app: Flask) -> None:
    DashPages(bare_app, pages_folder=None).register_page("home", layout="")
    client = bare_app.test_client()
    assert client.get("/home", headers=AGENT).mimetype == "text/html"
    only = {"Accept": "text/markdown"}
    assert client.get("/home", headers=only).status_code == 406
    assert "404 - Page" not in client.get("/nothing", headers=only).text


def test_message_names_markdown(on_app: Flask, pages: DashPages) -> None:
    pages.register_page("home", layout="")
    response = on_app.test_client().get("/home", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "and as text/markdown." in response.text


def test_markdown_without_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markdown, "IS_INSTALLED", False)

    with pytest.raises(ValueError, match=r'pip install "Flask-Dash-Pages\[markdown\]"'):
        DashPages(new_app(tmp_path, **ALL), pages_folder=None)


def test_markdown_of_a_visit(on_app: Flask, pages: DashPages) -> None:
    seen = []
    pages.layout = html.Div(["The shell", page_container])
    pages.register_page(
        "report",
        path_template="/report/<int:number>",
        title=lambda number: f"Report {number}",
        layout=lambda number, tab="": [html.P(f"This is {number}."), html.P(tab)],
    )

    def receive(sender: Flask, representation: str, **extra: t.Any) -> None:
        seen.append(representation)

    with signals.page_resolved.connected_to(receive, on_app):
        found = text(on_app, "/report/7?tab=costs", headers=AGENT)

    assert found == "# Report 7\n\nThis is 7.\n\ncosts\n"
    assert seen == ["markdown"]


def test_markdown_of_errors(on_app: Flask, pages: DashPages) -> None:
    on_app.testing = False
    pages.register_page("secret", layout="secret", title="Secret", guard=deny)
    pages.register_page("gone", layout=lambda: abort(404))
    pages.register_page("failed", layout=lambda: 1 / 0)
    client = on_app.test_client()

    for path, status, title in [
        ("/secret", 403, "Forbidden"),
        ("/gone", 404, "Page not found"),
        ("/nothing", 404, "Page not found"),
        ("/failed", 500, "Internal server error"),
    ]:
        response = client.get(path, headers=AGENT)
        assert response.status_code == status
        assert response.mimetype == "text/markdown"
        assert response.text == f"# {status} - {title}\n"
        assert "Accept" in response.vary


def test_other_clients_get_the_404_of_the_app(on_app: Flask, pages: DashPages) -> None:
    on_app.register_error_handler(404, lambda error: ("own", 404))
    client = on_app.test_client()

    for accept in ("text/plain", "application/json"):
        assert client.get("/nothing", headers={"Accept": accept}).text == "own"


def test_markdown_of_redirects(on_app: Flask, pages: DashPages) -> None:
    pages.register_page("home", layout="", redirect_from=["/old"])
    pages.register_page("away", layout=lambda: redirect("/home"))
    client = on_app.test_client()

    for path, status in [("/old", 301), ("/away", 302), ("/home/", 308)]:
        response = client.get(path, headers=AGENT)
        assert (response.status_code, response.location) == (status, "/home")


def test_markdown_of_a_page_that_needs_the_browser(tmp_path: Path) -> None:
    app = new_app(tmp_path, **ALL)
    inputs = {"language": Input("language", "value")}
    pages = DashPages(app, pages_folder=None, routing_callback_inputs=inputs)
    pages.register_page("home", layout=lambda language: language, description="Words")
    assert text(app, "/home", headers=AGENT) == "# Home\n\nWords\n"


def test_markdown_for_head(on_app: Flask, pages: DashPages) -> None:
    pages.register_page("home", layout="text")
    response = on_app.test_client().head("/home", headers=AGENT)
    assert (response.status_code, response.mimetype) == (200, "text/markdown")


# llms.txt


def test_llms_of_one_section(on_app: Flask) -> None:
    pages = DashPages(pages_folder=None, title="World", description="Figures.")
    pages.register_page("home", path="/", layout="", description="The [first] page.")
    pages.register_page("about", layout="", title="About *")
    pages.register_page("left", layout="", sitemap=False)
    pages.register_page("drafts", layout="", noindex=True)
    pages.init_app(on_app)
    assert text(on_app, "/llms.txt") == (
        "# World\n\n> Figures.\n\n"
        "Ask for a page with `Accept: text/markdown` to get it as such.\n\n"
        "## Pages\n\n"
        "- [Home](http://localhost/): The \\[first\\] page.\n"
        "- [About \\*](http://localhost/about)\n"
    )
    assert on_app.test_client().get("/llms.txt").mimetype == "text/plain"


def test_llms_of_sections(tmp_path: Path) -> None:
    app = new_app(tmp_path, DASH_PAGES_LLMS=True)

    for name, title in [("one_more", None), ("two", "Second"), ("three", None)]:
        options = {} if title is None else {"title": title}
        pages = DashPages(
            name=name, url_prefix=f"/{name}", pages_folder=None, **options
        )

        if name != "three":
            pages.register_page("home", layout="")

        pages.init_app(app)

    assert text(app, "/llms.txt") == (
        "# Second\n\n## One more\n\n- [Home](http://localhost/one_more/home)\n"
        "\n## Second\n\n- [Home](http://localhost/two/home)\n"
    )


def test_llms_of_variables(on_app: Flask, pages: DashPages) -> None:
    pages.register_page(
        "report",
        path_template="/<int:number>",
        layout="",
        sitemap=numbers(200),
        title=lambda number: f"Report {number}",
        description=lambda number: f"About {number}",
    )
    found = text(on_app, "/llms.txt")
    assert found.count("- [") == 100
    assert "- [Report 99](http://localhost/99): About 99\n" in found


def test_llms_has_the_name_of_a_page_whose_title_fails(
    on_app: Flask, pages: DashPages, caplog: pytest.LogCaptureFixture
) -> None:
    pages.register_page("home", layout="", title=lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    assert "- [Home](http://localhost/home)\n" in text(on_app, "/llms.txt")
    assert len(caplog.records) == 1


def test_llms_of_an_app_without_titles(on_app: Flask, pages: DashPages) -> None:
    pages.register_page("home", layout="")
    assert text(on_app, "/llms.txt").startswith("# testapp\n\nAsk")
    assert bound_pages(on_app).title is None
