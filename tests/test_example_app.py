"""The example app, tested the way users would test their own."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent
from urllib.parse import quote

import pytest
from conftest import free_port
from conftest import running
from conftest import Visitor
from flask import Flask
from test_first_view import SHIFTS
from werkzeug.test import TestResponse

pytest.importorskip("flask_sqlalchemy", reason="the example app needs its extra")
pytest.importorskip("pandas", reason="the example app needs its extra")

from sqlalchemy import select

from example_app import create_app
from example_app import twins
from example_app import writer
from example_app.models import db
from example_app.models import View
from flask_dash_pages.testing import PagesClient

ROOT = Path(__file__).parents[1]
PASSWORD = "a password"
BOTH = pytest.mark.parametrize("navigation", [False, True], ids=["load", "navigation"])

MakeClient = Callable[..., PagesClient]


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration, also for other processes."""
    database = f"sqlite:///{tmp_path / 'views.sqlite3'}"
    monkeypatch.setenv("FLASK_DEMO_PASSWORD", PASSWORD)
    monkeypatch.setenv("FLASK_JOBS_FOLDER", str(tmp_path / "jobs"))
    monkeypatch.setenv("FLASK_SQLALCHEMY_DATABASE_URI", database)


@pytest.fixture
def make_client(environ: None) -> Iterator[MakeClient]:
    """A client of an app with other values in its configuration."""
    with ExitStack() as stack:

        def make_client(**config: t.Any) -> PagesClient:
            app = create_app({"TESTING": True, "WTF_CSRF_ENABLED": False, **config})
            stack.callback(app.extensions["analytics"].writers.close)
            return PagesClient(app)

        yield make_client


@pytest.fixture
def app(make_client: MakeClient) -> Flask:
    return make_client().app


def log_in(client: PagesClient, **form: str) -> TestResponse:
    form = {"name": "demo", "password": PASSWORD, **form}
    return client.client.post("/login", data=form)


# Pages


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("/", "Welcome"),
        ("/login", "Log in"),
        ("/explore/", "World in Figures"),
        ("/explore/country/Japan", "Japan"),
        ("/explore/country/Cote%20d%27Ivoire", "Cote d'Ivoire"),
        ("/explore/continent/Africa", "Africa"),
        ("/explore/ranking", "Ranking 2007"),
        ("/explore/ranking/1952?measure=pop", "Ranking 1952"),
        ("/explore/failure", "Failure"),
    ],
)
def test_page(pages_client: PagesClient, url: str, title: str) -> None:
    visit = pages_client.visit(url)
    assert visit.status == 200
    assert visit.title.removesuffix(" · World in Figures") == title


@BOTH
def test_country(pages_client: PagesClient, navigation: bool) -> None:
    visit = pages_client.visit("/explore/country/Japan", navigation=navigation)
    assert visit.title == "Japan · World in Figures"
    assert visit.description == (
        "Life expectancy in Japan rose from 63.0 years in 1952 to 82.6 years in 2007."
    )
    assert visit.image.endswith("app.png")
    link = visit.find(type="Link", text="Hong Kong, China")
    assert pages_client.visit(link["href"]).variables == {"country": "Hong Kong, China"}


@BOTH
@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("/explore/list?from=mail", "/explore/countries?from=mail"),
        ("/explore/nation/Peru?from=mail", "/explore/country/Peru?from=mail"),
        ("/explore/ranking/1990", "/explore/ranking/1992?measure=lifeExp"),
    ],
)
def test_redirect(
    pages_client: PagesClient, navigation: bool, url: str, location: str
) -> None:
    visit = pages_client.visit(url, navigation=navigation)
    assert visit.status == 200
    assert visit.redirects == [location]


@pytest.mark.parametrize(
    ("url", "control", "value"),
    [
        ("/explore/compare", "compare-countries", ["Japan", "Kenya"]),
        ("/explore/compare?country=Chile&country=Mu", "compare-countries", ["Chile"]),
        ("/explore/?year=1958", "home-year", 1957),
        ("/explore/?year=x&year=y", "home-year", 2007),
        ("/explore/countries?q=japan", "countries-search", "japan"),
        ("/explore/country/Japan?measure=pop", "country-measure", "pop"),
        ("/explore/country/Japan?measure=a&measure=b", "country-measure", "lifeExp"),
    ],
)
def test_query_sets_control(
    pages_client: PagesClient, url: str, control: str, value: t.Any
) -> None:
    assert pages_client.visit(url).find(id=control)["value"] == value


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("/nowhere", "There is no such page"),
        ("/explore/nowhere", "There is no such page"),
        ("/explore/country/Atlantis", "There is no such page"),
        ("/explore/continent/Mu", "There is no such page"),
        ("/explore/ranking/last", "There is no such page"),
        ("/explore/country/Japn", "Did you mean one of these?"),
        ("/admin/nowhere", "Nothing of the admin section is here"),
    ],
)
def test_not_found(pages_client: PagesClient, url: str, text: str) -> None:
    log_in(pages_client)
    visit = pages_client.visit(url)
    assert visit.status == 404
    # One of them is a template.
    assert text in visit.response.text
    assert "Skip to the content" in visit.response.text


def test_failure(make_client: MakeClient) -> None:
    visit = make_client(TESTING=False).visit("/explore/failure?now=yes")
    assert visit.status == 500
    assert "Something went wrong" in visit.text
    assert "RuntimeError" not in visit.response.text


def test_navigation(pages_client: PagesClient) -> None:
    names = ["World", "Countries", "Ranking", "Compare", "Twins"]
    navigation = pages_client.visit("/explore/compare").find(className="pages-nav")
    assert [link.text for link in navigation.find_all(type="Link")] == names
    landing = pages_client.visit("/").response.text
    assert re.findall(r'class="pages-nav-link[^>]*>(.+?)<', landing) == names


@pytest.mark.parametrize("url", ["/", "/explore/"])
def test_everything_is_from_this_host(pages_client: PagesClient, url: str) -> None:
    response = pages_client.visit(url).response
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert not re.search(r"http|\*|unsafe-eval", policy)
    assert 'src="http' not in response.text


def test_sitemap(pages_client: PagesClient) -> None:
    sitemap = pages_client.client.get("/sitemap.xml").text
    paths = re.findall("<loc>http://localhost([^<]+)</loc>", sitemap)
    assert "/explore/country/Cote%20d&#39;Ivoire" in paths
    assert "/explore/continent/Asia" in paths
    assert not any("admin" in path or "failure" in path for path in paths)
    assert "Sitemap: http://localhost/sitemap.xml" in (
        pages_client.client.get("/robots.txt").text
    )


def test_markdown(pages_client: PagesClient) -> None:
    headers = {"Accept": "text/markdown"}
    visit = pages_client.visit("/explore/country/Japan", headers=headers)
    assert "# Japan\n\nLife expectancy in Japan rose" in visit.response.text


def test_check_finds_nothing(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["pages", "check", "--strict"])
    assert result.output == "0 errors, 0 warnings.\n"


# Callbacks


def test_year(pages_client: PagesClient) -> None:
    shown = pages_client.visit("/explore/?year=1952")
    visit = pages_client.visit("/explore/")
    assert visit.call(["home-graph.figure", "home-link.href"], 1952) == {
        "home-graph.figure": shown.find(id="home-graph")["figure"],
        "home-link.href": shown.path,
    }


def test_measure(pages_client: PagesClient) -> None:
    visit = pages_client.visit("/explore/country/Japan")
    figure = visit.call("country-graph.figure", "pop")
    assert figure["layout"]["yaxis"]["title"]["text"] == "Population"
    assert figure["data"][0]["name"] == "Japan"


def test_search(pages_client: PagesClient) -> None:
    visit = pages_client.visit("/explore/countries")
    (asia,) = visit.call("countries-found.children", " CHIN ")
    assert asia.text.split("\n") == ["Asia", "China", "Hong Kong, China"]
    (nothing,) = visit.call("countries-found.children", "Atlantis")
    assert nothing.text == "No country has this in its name."


def test_choice_leads_to_its_url(pages_client: PagesClient) -> None:
    visit = pages_client.visit("/explore/compare?measure=pop")
    location = visit.call("compare-location.href", ["Peru", "Chile"])
    assert location == "/explore/compare?country=Peru&country=Chile&measure=pop"
    visit = pages_client.visit("/explore/ranking?measure=pop")
    location = visit.call("ranking-location.href", 1952)
    assert location == "/explore/ranking/1952?measure=pop"


def test_twins(pages_client: PagesClient) -> None:
    page = pages_client.visit("/explore/twins").page
    progress: list[tuple[str, str]] = []
    # A worker calls it, and shows how far it is.
    found = sys.modules[page.module].find_twins(progress.append, 1, "lifeExp")
    assert progress[-1] == ("142", "142 of 142 countries")
    nearest = re.findall(r"country/(\w+)", str(found))
    assert nearest[:2] == ["Belgium", "Germany"]
    assert len(nearest) == 24
    assert twins.distance([1, 2, 3], [1, 1, 2, 3]) == 0


# The login


@pytest.mark.parametrize("path", ["/admin/speed", "/admin/latest", "/admin/nowhere"])
def test_admin_needs_login(pages_client: PagesClient, path: str) -> None:
    visit = pages_client.visit(path)
    assert visit.title.startswith("Log in")
    assert visit.redirects == [f"/login?next={quote(path, safe='')}"]


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/admin/speed", "/admin/speed"),
        ("https://example.org", "/admin/"),
        ("//example.org", "/admin/"),
    ],
)
def test_login(pages_client: PagesClient, wanted: str, location: str) -> None:
    assert log_in(pages_client, next=wanted).location == location
    assert pages_client.visit(location).redirects == []


@pytest.mark.parametrize("form", [{"password": "another"}, {"name": "somebody"}])
def test_login_refused(pages_client: PagesClient, form: dict[str, str]) -> None:
    response = log_in(pages_client, **form)
    assert response.status_code == 401
    assert "is not right" in response.text
    assert pages_client.visit("/admin/").page is None


def test_logout(pages_client: PagesClient) -> None:
    log_in(pages_client)
    visit = pages_client.visit("/admin/")
    assert pages_client.client.get("/logout").status_code == 405
    assert pages_client.client.post("/logout").location == "/"
    assert pages_client.visit("/admin/").page is None

    with pytest.raises(LookupError, match="a guard does not let in"):
        visit.call("overview-content.children", 1)


def test_forms_need_a_token(make_client: MakeClient) -> None:
    client = make_client(WTF_CSRF_ENABLED=True)
    assert log_in(client).status_code == 400
    assert client.client.post("/logout").status_code == 400


def test_password_made_at_start(
    make_client: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client(DEMO_PASSWORD="")
    password = client.app.config["DEMO_PASSWORD"]
    assert len(password) >= 12
    assert password in caplog.text
    assert log_in(client, password=password).location == "/admin/"


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("owner", 200)])
def test_page_for_a_role(make_client: MakeClient, role: str, status: int) -> None:
    client = make_client(DEMO_ROLE=role)
    log_in(client)
    visit = client.visit("/admin/latest")
    assert visit.status == status
    assert ("This page is not for you" in visit.text) == (status == 403)
    assert bool(visit.find_all(type="Link", text="Latest")) == (status == 200)


# Analytics


def counted(app: Flask) -> list[tuple[t.Any, ...]]:
    """The page, the rule, the status and the referrer of each view, in order."""
    # A thread writes them.
    app.extensions["analytics"].writers.flush()
    query = select(View.page, View.rule, View.status, View.referrer).order_by(View.id)

    with app.app_context():
        return [tuple(row) for row in db.session.execute(query)]


def test_views_counted(app: Flask, pages_client: PagesClient) -> None:
    for url in [
        "/explore/country/Japan",
        "/explore/country/Atlantis",
        "/explore/someone@example.org",
        "/explore/nation/Peru",
        "/admin/speed",
        "/health",
    ]:
        pages_client.visit(url, follow_redirects=False)

    assert counted(app) == [
        ("Country", "/explore/country/<country>", 200, ""),
        (None, "/explore/country/<country>", 404, ""),
        (None, "/explore/<path:unknown>", 404, ""),
        (None, "/explore/nation/<country>", 301, ""),
        ("Speed", "/admin/speed", 302, ""),
    ]


def test_nothing_of_visitors_kept(
    app: Flask, pages_client: PagesClient, tmp_path: Path
) -> None:
    for host in ("example.org", "localhost"):
        headers = {"Referer": f"https://{host}/letter", "User-Agent": "Browser/7"}
        pages_client.visit("/explore/country/Japan?name=someone", headers=headers)

    # Only other sites count as referrers.
    assert [view[3] for view in counted(app)] == ["example.org", ""]
    kept = (tmp_path / "views.sqlite3").read_text("latin-1")

    for text in ("Japan", "someone", "letter", "Browser", "127.0.0.1"):
        assert text not in kept


def test_failed_view_counted(make_client: MakeClient) -> None:
    client = make_client(TESTING=False)
    client.visit("/explore/failure?now=yes")
    assert counted(client.app) == [("Failure", "/explore/failure", 500, "")]


def test_views_of_other_app_not_counted(
    app: Flask, pages_client: PagesClient, make_client: MakeClient, tmp_path: Path
) -> None:
    other = make_client(SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'other'}")
    other.visit("/explore/about")
    pages_client.visit("/explore/twins")
    assert [view[0] for view in counted(app)] == ["Twins"]


def test_views_shown(app: Flask, pages_client: PagesClient) -> None:
    log_in(pages_client)
    visit = pages_client.visit("/admin/")
    assert "Nothing was counted yet" in visit.text
    headers = {"Referer": "https://example.org/secret"}
    pages_client.visit("/explore/nowhere", headers=headers)
    counted(app)

    # The callback runs again and again while the page is open.
    tiles, _, pages = visit.call("overview-content.children", 1)
    assert tiles.find(type="Div", text="Not found").text.split("\n")[1] == "1"
    assert pages.find(id="overview-pages")["figure"]["data"][0]["y"] == ["Overview"]
    assert pages_client.visit("/admin/speed").find(type="Td", text="Overview")
    visit = pages_client.visit("/admin/answers")
    (hosts,) = visit.find(id="answers-referrers")["figure"]["data"]
    assert set(hosts["y"]) == {"No link, or not told", "example.org"}
    bars = visit.find(id="answers-statuses")["figure"]["data"]
    assert [bar["name"] for bar in bars] == ["200", "404"]


@pytest.mark.parametrize("url", ["/admin/", "/admin/speed", "/admin/answers"])
def test_no_views_shown(app: Flask, pages_client: PagesClient, url: str) -> None:
    # The way to the login is a view, of nothing that was shown.
    pages_client.visit(url)
    assert [view[2] for view in counted(app)] == [302]
    log_in(pages_client)
    assert "nan" not in pages_client.visit(url).text.lower()


def test_old_views_removed(make_client: MakeClient) -> None:
    client = make_client(ANALYTICS_DAYS=0)

    for url, name in [("/explore/twins", "Twins"), ("/explore/about", "About")]:
        client.visit(url)
        assert [view[0] for view in counted(client.app)] == [name]


def test_requests_do_not_wait(
    app: Flask,
    pages_client: PagesClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    released = threading.Event()
    written: list[View] = []

    def write(views: list[View], days: int) -> None:
        assert released.wait(60)
        written.extend(views)

    monkeypatch.setattr(writer, "WAITING", 5)
    monkeypatch.setattr(writer, "write", write)

    for _ in range(20):
        assert pages_client.visit("/explore/about").status == 200

    released.set()
    app.extensions["analytics"].writers.flush()
    assert 5 <= len(written) < 20
    assert caplog.messages == ["Views are dropped: 5 wait already."]


def test_views_of_forked_workers(app: Flask) -> None:
    code = """
        import os
        from example_app import create_app

        app = create_app()
        app.test_client().get("/explore/twins")
        worker = os.fork()
        app.test_client().get("/explore/about")

        if worker:
            os.waitpid(worker, 0)
    """
    run = [sys.executable, "-c", dedent(code)]
    subprocess.run(run, check=True, cwd=ROOT, timeout=60)
    assert sorted(view[0] for view in counted(app)) == ["About", "About", "Twins"]


# In the browser


@pytest.fixture
def url(environ: None, tmp_path: Path) -> Iterator[str]:
    """The app in two workers, which are forked when it has been made."""
    port = free_port()
    command = (
        f"python -m gunicorn --chdir {ROOT} --preload --workers 2 --threads 4"
        f" --bind 127.0.0.1:{port} example_app:create_app()"
    )

    with running(command, tmp_path, port=port):
        yield f"http://127.0.0.1:{port}"


def click_largest(browser: Visitor, selector: str) -> None:
    browser.page.wait_for_selector(selector)
    boxes = [point.bounding_box() for point in browser.page.locator(selector).all()]
    box = max((box for box in boxes if box), key=lambda box: box["width"])
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    # A graph knows what is clicked by what the pointer was over.
    browser.page.mouse.move(x, y)
    browser.page.wait_for_selector(".hovertext")
    browser.page.mouse.click(x, y)


@pytest.mark.browser
def test_walk(url: str, look_at: Callable[[str], Visitor]) -> None:
    browser = look_at(url)
    browser.open("/")
    browser.page.click("text=Explore the world")
    browser.is_up()
    click_largest(browser, "#home-graph .point")
    browser.page.wait_for_url(f"{url}/explore/country/*")
    browser.page.click("text=Compare them")
    browser.sees("Choose up to 6")

    browser.page.click("nav >> text=Twins")
    browser.page.click("text=Find twins")
    browser.sees("Belgium", "#twins-found")

    browser.page.click("text=Admin")
    browser.page.fill("[name=password]", PASSWORD)
    browser.page.click("main button")
    browser.sees("Overview", "h1")
    browser.sees("Country", "#overview-pages")

    # Another visitor's view shows up by itself.
    other = look_at(url)
    other.open("/explore/about")
    browser.sees("About", "#overview-pages")

    # Nothing moves when the app takes over from the HTML.
    other.page.add_init_script(SHIFTS)
    other.open("/explore/")
    other.page.wait_for_selector("#home-graph .point")
    assert other.page.evaluate("shifts") < 0.01

    browser.page.click("text=Log out")
    browser.page.wait_for_url(f"{url}/")
    browser.is_quiet()
    other.is_quiet()
