"""What browsers keep, and how it is compressed."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
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

Finish = Callable[[Response], Response]

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
    """Finishes the responses of one DashPages on one app.

    :param config: The configuration of the app.
    :param name: The name of the blueprint.
    """

    def __init__(self, config: Mapping[str, t.Any], name: str) -> None:
        self._name = name
        self._compress: Finish = _do_nothing
        self._compress_once: Finish = _do_nothing

        if Compress is not None and config["DASH_PAGES_COMPRESS"]:
            self._compress = _make_compress(config)
            self._compress_once = _make_compress({**config, **_ONCE})

    def finish_resource(self, response: Response) -> Response:
        """Finish what never changes, before functions of the app see it."""
        if not _never_changes(response):
            return response

        keep(response)
        response.direct_passthrough = False
        response.add_etag()
        request.environ[_KEY] = response.get_etag()[0]
        return _leave_out(self._compress_once(response))

    def finish(self, app: Flask, response: Response, **extra: t.Any) -> None:
        """Receives ``request_finished``, which is sent when no function of the app can
        change the text of a page any more.
        """
        if self._name in request.blueprints and _KEY not in request.environ:
            _leave_out(self._compress(response))


def _leave_out(response: Response) -> Response:
    """Leave out what the browser has already."""
    if "ETag" in response.headers and response.status_code == 200:
        response.make_conditional(request)

    return response


def _do_nothing(response: Response) -> Response:
    return response


def _make_compress(config: Mapping[str, t.Any]) -> Finish:
    # An app of its own for its configuration, for the one of the host is not ours.
    app = Flask(__package__)
    app.config.update(
        {key: config[key] for key in config if key.startswith("COMPRESS_")},
        COMPRESS_REGISTER=False,
    )
    compress = Compress(app)
    compress.compress_mimetypes_set.add(PAGE_JSON)
    return t.cast(Finish, compress.after_request)


def _never_changes(response: Response) -> bool:
    """Whether another resource would have another URL."""
    if response.status_code != 200:
        return False

    if f"max-age={MAX_AGE}" in response.headers.get("Cache-Control", ""):
        # Dash's bundles, and our resources.
        return True

    if "v" in request.args:
        return request.path.endswith("/_favicon.ico") and (
            request.args["v"] == dash.__version__
        )

    changed = response.last_modified
    seconds = request.args.get("m", "").partition(".")[0]
    return changed is not None and seconds == f"{changed.timestamp():.0f}"
