"""The views of Flask, beside the sections of Dash pages."""

from __future__ import annotations

from flask import Blueprint
from flask import render_template
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from . import data

bp = Blueprint("site", __name__)


@bp.get("/")
def landing() -> str:
    return render_template(
        "landing.html",
        countries=len(data.countries()),
        first=data.FIRST_YEAR,
        last=data.LAST_YEAR,
        continents=data.CONTINENTS,
    )


@bp.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


# The sections have pages of their own for errors.
@bp.app_errorhandler(HTTPException)
def show_error(error: HTTPException) -> Response:
    response = error.get_response()
    response.set_data(render_template("error.html", error=error))
    return response
