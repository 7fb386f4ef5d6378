"""World in Figures: an example of a Flask app with Dash pages.

Run it with ``flask --app example_app run``.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from pathlib import Path

from flask import Flask

from . import analytics
from .shell import dash_pages


def create_app(test_config: Mapping[str, t.Any] | None = None) -> Flask:
    """Make the app. It needs no configuration.

    :param test_config: Values that replace the defaults.
    """
    app = Flask(__name__)
    app.config.from_mapping(
        ANALYTICS_DATABASE=str(Path(app.instance_path, "analytics.sqlite3")),
    )
    app.config.from_prefixed_env()
    app.config.from_mapping(test_config)

    dash_pages.init_app(app)
    analytics.init_app(app)

    # Views of the Flask app and Dash pages live side by side.
    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app
