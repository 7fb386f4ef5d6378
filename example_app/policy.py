"""A strict Content Security Policy: everything is from this host."""

from __future__ import annotations

from flask import Flask
from flask import Response

RULES = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "connect-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "img-src": "'self' data:",
    # Graphs are styled by attributes.
    "style-src": "'self' 'unsafe-inline'",
}


def init_app(app: Flask) -> None:
    """Add the policy to all answers. Call it when all sections are there."""
    with app.app_context():
        hashes = {
            value
            for section in app.extensions["dash_pages"].values()
            for value in section.dash.csp_hashes()
        }

    scripts = " ".join(["'self'", *sorted(hashes)])
    rules = {**RULES, "script-src": scripts}
    policy = "; ".join(f"{name} {value}" for name, value in rules.items())

    @app.after_request
    def add_policy(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response
