"""Who gets into the admin section of the example app."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from flask_dash_pages.testing import PagesClient

from .conftest import log_in
from .conftest import MakeClient


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
    assert pages_client.visit("/login").redirects == ["/admin/"]


@pytest.mark.parametrize("form", [{"password": "another"}, {"name": "somebody"}])
def test_login_refused(pages_client: PagesClient, form: dict[str, str]) -> None:
    response = log_in(pages_client, **form)
    assert response.status_code == 401
    assert "is not right" in response.text
    assert pages_client.visit("/admin/").page is None


def test_logout(pages_client: PagesClient) -> None:
    log_in(pages_client)
    visit = pages_client.visit("/admin/")
    assert pages_client.visit("/explore/about").find(text="Log out", type="Button")
    assert visit.find(text="Explore", type="A")["href"] == "/explore/"
    assert pages_client.client.post("/logout").location == "/"
    assert pages_client.visit("/admin/").page is None

    with pytest.raises(LookupError, match="a guard does not let in"):
        visit.call("overview-tiles.children", 1)


def test_forms_need_a_token(make_client: MakeClient) -> None:
    client = make_client(WTF_CSRF_ENABLED=True)
    response = log_in(client, next="/admin/speed")
    assert response.status_code == 400
    assert "The form was too old. Try again." in response.text
    assert 'value="/admin/speed"' in response.text
    assert client.client.post("/logout").status_code == 400


def test_password_made_at_start(
    make_client: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client(DEMO_PASSWORD="")
    password = client.app.config["DEMO_PASSWORD"]
    assert len(password) >= 12
    assert caplog.messages == []
    client.visit("/admin/")
    client.visit("/login")
    (told,) = caplog.messages
    assert password in told
    assert log_in(client, password=password).location == "/admin/"


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("owner", 200)])
def test_page_for_a_role(make_client: MakeClient, role: str, status: int) -> None:
    client = make_client(DEMO_ROLE=role)
    log_in(client)
    visit = client.visit("/admin/latest")
    assert visit.status == status
    assert ("This page is not for you" in visit.text) == (status == 403)
    assert bool(visit.find_all(type="Link", text="Latest")) == (status == 200)
