from __future__ import annotations

from werkzeug.sansio.response import Response

from flask_dash_pages.resources import keep
from flask_dash_pages.resources import make_resource


def test_path_changes_with_the_data() -> None:
    first, same, other = (
        make_resource("a.json", data, "application/json")
        for data in (b"[]", b"[]", b"{}")
    )
    assert first.path == same.path != other.path
    assert first.path.endswith("/a.json")


def test_keep() -> None:
    response = Response()
    keep(response, by="private")
    assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"
