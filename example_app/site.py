"""The views of Flask, beside the sections of Dash pages."""

from __future__ import annotations

from flask import Blueprint
from flask import render_template
from werkzeug.exceptions import NotFound

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


# The sections have pages of their own for paths below them.
@bp.app_errorhandler(NotFound)
def not_found(error: NotFound) -> tuple[str, int]:
    return render_template("not_found.html"), 404
