"""What browsers keep, and how it is compressed."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

import dash
from flask import Flask
from flask import request
from flask import Response

from .resources import keep
from .resources import MAX_AGE
from .views import PAGE_JSON

try:
    from flask_compress import Compress
    from flask_compress import DictCache
except ImportError:  # It comes with the extra "compress".
    Compress = DictCache = None  # type: ignore[assignment, misc]

#: Where a response that is compressed once is told from others.
_KEY = "flask_dash_pages.compressed"


#: The settings for what is compressed once.
_ONCE = {
    "COMPRESS_ALGORITHM": ["br", "zstd", "gzip"],
    "COMPRESS_LEVEL": 9,
    # Level 10 would take seconds for plotly.js.
    "COMPRESS_BR_LEVEL": 9,
    "COMPRESS_ZSTD_LEVEL": 15,
    "COMPRESS_CACHE_BACKEND": DictCache,
    "COMPRESS_CACHE_KEY": lambda request: request.environ[_KEY],
}


class Caching:
    """The last function for each response of one DashPages on one app.

    :param config: The configuration of the app.
    """

    def __init__(self, config: Mapping[str, t.Any]) -> None:
        self._compress = self._compress_once = None

        if Compress is not None and config["DASH_PAGES_COMPRESS"]:
            self._compress = _make_compress(config)
            self._compress_once = _make_compress({**config, **_ONCE})

    def finish(self, response: Response) -> Response:
        """Set the headers for browsers that keep the response, compress it, and leave
        it out if the browser has it already.
        """
        compress = self._compress

        if _never_changes(response):
            keep(response)
            response.direct_passthrough = False
            response.add_etag()
            request.environ[_KEY] = response.get_etag()[0]
            compress = self._compress_once

        if compress is not None:
            response = compress.after_request(response)

        # Flask-Compress does this for what it has compressed.
        if response.status_code == 200 and not response.is_streamed:
            response.make_conditional(request)

        return response


def _make_compress(config: Mapping[str, t.Any]) -> t.Any:
    # An app of its own for its configuration, for the one of the host is not ours.
    app = Flask(__package__)
    app.config.update(
        {key: config[key] for key in config if key.startswith("COMPRESS_")},
        COMPRESS_REGISTER=False,
    )
    compress = Compress(app)
    compress.compress_mimetypes_set.add(PAGE_JSON)
    return compress


def _never_changes(response: Response) -> bool:
    """Whether another resource would have another URL."""
    if response.status_code != 200:
        return False

    if response.cache_control.max_age == MAX_AGE:
        # Dash's bundles, and our resources.
        return True

    if "v" in request.args:
        return request.path.endswith("/_favicon.ico") and (
            request.args["v"] == dash.__version__
        )

    changed = response.last_modified
    seconds = request.args.get("m", "").partition(".")[0]
    return changed is not None and seconds == f"{changed.timestamp():.0f}"
