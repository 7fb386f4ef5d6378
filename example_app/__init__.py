"""World in Figures: an example of a Flask app with Dash pages.

Run it with ``flask --app example_app run``. It needs no configuration and no service:
what it keeps is in the instance folder. The password of the demo user is made when the
app starts, and is in the log when the login is opened. Set ``FLASK_SECRET_KEY`` and
``FLASK_DEMO_PASSWORD`` to keep both, and always if there are several workers.
"""

from __future__ import annotations

import secrets
import typing as t
from collections.abc import Mapping
from pathlib import Path

from flask import Flask

from . import accounts
from . import analytics
from . import policy
from . import sections
from . import site


def create_app(test_config: Mapping[str, t.Any] | None = None) -> Flask:
    """Make the app.

    :param test_config: Values that replace the defaults.
    """
    app = Flask(__name__)
    app.config.from_mapping(
        ANALYTICS_DAYS=30,
        DASH_PAGES_LLMS=True,
        DASH_PAGES_MARKDOWN=True,
        DASH_PAGES_ROBOTS=True,
        DASH_PAGES_SITEMAP=True,
        DEMO_PASSWORD=None,
        DEMO_ROLE="viewer",
        JOBS_FOLDER=str(Path(app.instance_path, "jobs")),
        SESSION_COOKIE_SAMESITE="Lax",
        SQLALCHEMY_DATABASE_URI="sqlite:///analytics.sqlite3",
        # A token is valid as long as the session.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.config.from_prefixed_env()
    app.config.from_mapping(test_config)

    # There is no secret in the source. Without one in the configuration, sessions end
    # with the process.
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or secrets.token_hex()

    accounts.init_app(app)
    analytics.init_app(app)
    app.register_blueprint(site.bp)
    sections.init_app(app)
    policy.init_app(app)
    return app
