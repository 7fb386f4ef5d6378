"""The example app, tested the way users would test their own."""

from __future__ import annotations

import html
import json
import subprocess
import sys
import threading
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from conftest import free_port
from conftest import running
from conftest import Visitor
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

pytest.importorskip("flask_sqlalchemy", reason="the example app needs its extra")
pytest.importorskip("pandas", reason="the example app needs its extra")

from example_app import create_app
from example_app import reports
from example_app import twins
from example_app import writer

ROOT = Path(__file__).parents[1]
PAGE_JSON = {"Accept": "application/vnd.dash-pages+json"}
PASSWORD = "a password"


def config(folder: Path, **others: t.Any) -> dict[str, t.Any]:
    return {
        "TESTING": True,
        "DEMO_PASSWORD": PASSWORD,
        "JOBS_FOLDER": str(folder / "jobs"),
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'views.sqlite3'}",
        "WTF_CSRF_ENABLED": False,
        **others,
    }


@pytest.fixture
def example(tmp_path: Path) -> Iterator[Flask]:
    example = create_app(config(tmp_path))
    yield example
    example.extensions["analytics"].writers.close()


@pytest.fixture
def client(example: Flask) -> FlaskClient:
    return example.test_client()


def log_in(client: FlaskClient, password: str = PASSWORD, **form: str) -> TestResponse:
    form = {"name": "demo", "password": password, **form}
    return client.post("/login", data=form)


def layout_text(client: FlaskClient, url: str) -> str:
    """The layout of a page, to look for words in."""
    response = client.get(url, headers=PAGE_JSON)
    return json.dumps(response.get_json(force=True)["layout"], ensure_ascii=False)


def counted(app: Flask) -> list[tuple[t.Any, ...]]:
    """The page, the rule, the status and the referrer of each view, in order."""
    app.extensions["analytics"].writers.flush()

    with app.app_context():
        views = reports.recent().astype(object).fillna("")

    names = ["page", "rule", "status", "referrer"]
    return [tuple(row) for row in reversed(views[names].to_numpy().tolist())]


# Pages


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("/", "Welcome"),
        ("/login", "Log in"),
        ("/explore/", "World in Figures"),
        ("/explore/countries", "Countries"),
        ("/explore/country/Japan", "Japan"),
        ("/explore/country/Cote%20d%27Ivoire", "Cote d'Ivoire"),
        ("/explore/continent/Africa", "Africa"),
        ("/explore/ranking", "Ranking 2007"),
        ("/explore/ranking/1952?measure=pop", "Ranking 1952"),
        ("/explore/compare", "Compare countries"),
        ("/explore/twins", "Twins"),
        ("/explore/about", "About the data"),
    ],
)
def test_page_shown(client: FlaskClient, url: str, title: str) -> None:
    response = client.get(url)
    shown = response.text.partition("<title>")[2].partition("</title>")[0]
    assert response.status_code == 200
    assert html.unescape(shown).removesuffix(" · World in Figures") == title


def test_country_described(client: FlaskClient) -> None:
    text = client.get("/explore/country/Japan").text
    assert (
        '<meta name="description" content="Life expectancy in Japan rose from'
        ' 63.0 years in 1952 to 82.6 years in 2007.">' in text
    )
    assert "app.png" in text


def test_country_as_json(client: FlaskClient) -> None:
    """What the browser gets when a visitor goes on to another page."""
    response = client.get("/explore/country/Japan", headers=PAGE_JSON)
    page = response.get_json(force=True)
    assert page["title"] == "Japan · World in Figures"
    assert page["path"] == "/explore/country/Japan"
    assert "Hong Kong, China" in json.dumps(page["layout"])


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("/explore/list?from=mail", "/explore/countries?from=mail"),
        ("/explore/nation/Peru?from=mail", "/explore/country/Peru?from=mail"),
        ("/explore/ranking/1990", "/explore/ranking/1992?measure=lifeExp"),
    ],
    ids=["path", "variable", "layout"],
)
def test_redirected(client: FlaskClient, url: str, location: str) -> None:
    assert client.get(url).location == location


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("/explore/compare", '"value": ["Japan", "Kenya"]'),
        ("/explore/compare?country=Chile&country=Mu", '"value": ["Chile"]'),
        ("/explore/?year=1958", '"value": 1957'),
        ("/explore/?year=x&year=y", '"value": 2007'),
        ("/explore/countries?q=japan", '"value": "japan"'),
        ("/explore/country/Japan?measure=pop", '"value": "pop"'),
        ("/explore/country/Japan?measure=a&measure=b", '"value": "lifeExp"'),
    ],
)
def test_controls_from_query(client: FlaskClient, url: str, text: str) -> None:
    assert text in layout_text(client, url)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("/nowhere", "There is no such page"),
        ("/explore/nowhere", "There is no such page"),
        ("/explore/country/Atlantis", "There is no such page"),
        ("/explore/continent/Mu", "There is no such page"),
        ("/explore/country/Japn", "Did you mean one of these?"),
    ],
)
def test_not_found(client: FlaskClient, url: str, text: str) -> None:
    response = client.get(url)
    assert response.status_code == 404
    assert text in response.text
    assert "Skip to the content" in response.text


def test_failure(tmp_path: Path) -> None:
    client = create_app(config(tmp_path, TESTING=False)).test_client()
    response = client.get("/explore/failure")
    assert response.status_code == 500
    assert "Something went wrong" in response.text
    assert "RuntimeError" not in response.text


def test_navigation(client: FlaskClient) -> None:
    """In the template and in the shell."""
    for url in ("/", "/explore/compare"):
        text = client.get(url).text
        names = ["World", "Countries", "Ranking", "Compare", "Twins"]
        assert [name for name in names if f">{name}</a>" in text] == names
        assert ">Failure</a>" not in text


def test_callback_called(client: FlaskClient) -> None:
    response = client.post(
        "/explore/_dash-update-component",
        json={
            "output": "country-graph.figure",
            "outputs": {"id": "country-graph", "property": "figure"},
            "inputs": [{"id": "country-measure", "property": "value", "value": "pop"}],
            "state": [{"id": "country-name", "property": "data", "value": "Japan"}],
            "changedPropIds": ["country-measure.value"],
        },
    )
    figure = response.get_json()["response"]["country-graph"]["figure"]
    assert figure["layout"]["yaxis"]["title"]["text"] == "Population"


def test_twins_are_near() -> None:
    assert twins.distance([1, 2, 3], [1, 1, 2, 3]) == 0
    pairs = [pair for found in twins.compare_all("lifeExp") for pair in found]
    assert len(pairs) == 142 * 141 / 2
    assert {min(pairs).first, min(pairs).second} == {"Belgium", "Germany"}


def test_everything_is_from_this_host(client: FlaskClient) -> None:
    for url in ("/", "/explore/"):
        response = client.get(url)
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert 'src="http' not in response.text


# The login


def test_admin_needs_login(client: FlaskClient) -> None:
    location = client.get("/admin/speed").location
    assert location == "/login?next=%2Fadmin%2Fspeed"
    assert client.get("/admin/_dash-update-component").status_code != 200
    assert log_in(client, next="/admin/speed").location == "/admin/speed"
    assert client.get("/admin/speed").status_code == 200


@pytest.mark.parametrize("url", ["https://example.org", "//example.org"])
def test_login_stays_on_the_host(client: FlaskClient, url: str) -> None:
    assert log_in(client, next=url).location == "/admin/"


@pytest.mark.parametrize("form", [{"password": "another"}, {"name": "somebody"}])
def test_login_refused(client: FlaskClient, form: dict[str, str]) -> None:
    response = log_in(client, **form)
    assert response.status_code == 401
    assert "is not right" in response.text
    assert client.get("/admin/").status_code == 302


def test_logout(client: FlaskClient) -> None:
    log_in(client)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").location == "/"
    assert client.get("/admin/").status_code == 302


def test_forms_need_a_token(tmp_path: Path) -> None:
    client = create_app(config(tmp_path, WTF_CSRF_ENABLED=True)).test_client()
    assert log_in(client).status_code == 400
    assert client.post("/logout").status_code == 400


def test_password_made_at_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(config(tmp_path, DEMO_PASSWORD=""))
    password = app.config["DEMO_PASSWORD"]
    assert len(password) >= 12
    assert password in caplog.text
    assert log_in(app.test_client(), password).location == "/admin/"


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("owner", 200)])
def test_page_for_a_role(tmp_path: Path, role: str, status: int) -> None:
    client = create_app(config(tmp_path, DEMO_ROLE=role)).test_client()
    log_in(client)
    response = client.get("/admin/latest")
    assert response.status_code == status
    assert ("This page is not for you" in response.text) == (status == 403)
    assert (">Latest</a>" in client.get("/admin/").text) == (status == 200)


# Analytics


def test_views_counted(example: Flask, client: FlaskClient) -> None:
    country = "/explore/country/<country>"
    client.get("/explore/country/Japan?secret=1", headers={"Referer": "http://a.org/b"})
    client.get("/explore/country/Japan", headers={"Referer": "http://localhost/x"})
    client.get("/explore/country/Atlantis")
    client.get("/explore/someone@example.org")
    client.get("/explore/nation/Peru")
    client.get("/admin/speed")
    client.get("/health")
    assert counted(example) == [
        ("Country", country, 200, "a.org"),
        ("Country", country, 200, ""),
        ("", country, 404, ""),
        ("", "/explore/<path:unknown>", 404, ""),
        ("", "/explore/nation/<country>", 301, ""),
        ("Speed", "/admin/speed", 302, ""),
    ]


def test_failed_view_counted(tmp_path: Path) -> None:
    app = create_app(config(tmp_path, TESTING=False))
    app.test_client().get("/explore/failure")
    assert counted(app) == [("Failure", "/explore/failure", 500, "")]
    app.extensions["analytics"].writers.close()


def test_views_of_other_app_not_counted(
    example: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    create_app(config(tmp_path / "other")).test_client().get("/explore/about")
    client.get("/explore/twins")
    assert [view[0] for view in counted(example)] == ["Twins"]


def test_views_shown(example: Flask, client: FlaskClient) -> None:
    log_in(client)
    assert "Nothing was counted yet" in layout_text(client, "/admin/")
    client.get("/explore/country/Japan")
    client.get("/explore/nowhere", headers={"Referer": "https://example.org/secret"})
    counted(example)
    assert "Country" in layout_text(client, "/admin/")
    assert "Country" in layout_text(client, "/admin/speed")
    answers = layout_text(client, "/admin/answers")
    assert '"404"' in answers
    assert "example.org" in answers
    assert "secret" not in answers


@pytest.mark.parametrize("url", ["/admin/", "/admin/speed", "/admin/answers"])
def test_views_of_nothing_shown(example: Flask, client: FlaskClient, url: str) -> None:
    client.get(url)
    counted(example)
    log_in(client)
    assert "nan" not in layout_text(client, url).lower()


def test_old_views_removed(tmp_path: Path) -> None:
    app = create_app(config(tmp_path, ANALYTICS_DAYS=0))
    client = app.test_client()
    client.get("/explore/twins")
    assert len(counted(app)) == 1
    client.get("/explore/about")
    assert [view[0] for view in counted(app)] == ["About"]
    app.extensions["analytics"].writers.close()


def test_requests_do_not_wait(
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    released = threading.Event()
    written = []

    def write(views: list[t.Any], days: int) -> None:
        assert released.wait(60)
        written.extend(views)

    monkeypatch.setattr(writer, "write", write)
    monkeypatch.setattr(writer, "WAITING", 5)

    for _ in range(20):
        assert client.get("/explore/about").status_code == 200

    released.set()
    client.application.extensions["analytics"].writers.flush()
    assert 5 <= len(written) < 20
    assert [record.getMessage() for record in caplog.records] == [
        "Views are dropped: 5 wait already."
    ]


def test_views_of_forked_workers(example: Flask, tmp_path: Path) -> None:
    code = """
        import json
        import os
        import sys
        from example_app import create_app

        app = create_app(json.loads(sys.argv[1]))
        app.test_client().get("/explore/twins")
        worker = os.fork()
        app.test_client().get("/explore/about")

        if worker:
            os.waitpid(worker, 0)
    """
    arguments = [sys.executable, "-c", dedent(code), json.dumps(config(tmp_path))]
    subprocess.run(arguments, check=True, cwd=ROOT, timeout=60)
    assert sorted(view[0] for view in counted(example)) == ["About", "About", "Twins"]


# In the browser


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The app in two workers, which are forked when it has been made."""
    for key, value in config(tmp_path).items():
        if key not in {"TESTING", "WTF_CSRF_ENABLED"}:
            monkeypatch.setenv(f"FLASK_{key}", value)

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

    browser.page.click("text=Log out")
    browser.page.wait_for_url(f"{url}/")
    browser.is_quiet()
    other.is_quiet()
