"""What browsers keep, and how it is compressed."""

from __future__ import annotations

import re
import threading
import typing as t
from collections.abc import Callable
from collections.abc import Container
from collections.abc import Mapping

import dash
from flask import Flask
from flask import request
from flask import Response

from .binding import is_debug
from .protocol import asks_for_json
from .protocol import is_prefetch
from .protocol import MARKDOWN
from .protocol import PAGE_JSON
from .resources import fingerprint
from .resources import keep
from .resources import MAX_AGE
from .resources import Release

try:
    from flask_compress import Compress
    from flask_compress import DictCache
except ImportError:  # It comes with the extra "compress".
    Compress = DictCache = None  # type: ignore[assignment, misc]

Finish = Callable[[Response], Response]

#: The part of the index that is another one each time.
_CONFIG = re.compile(rb'<script id="_dash-config".*?</script>', re.DOTALL)

#: In the environ of a request whose response is the same for all: what tells it from
#: others.
_KEY = "flask_dash_pages.same_for_all"

#: The order for what is compressed once, if the app has none.
_ALGORITHMS = {"COMPRESS_ALGORITHM": ["br", "zstd", "gzip"]}

#: The settings for it.
_ONCE = {
    "COMPRESS_LEVEL": 9,
    # Level 10 would take seconds for plotly.js.
    "COMPRESS_BR_LEVEL": 9,
    "COMPRESS_ZSTD_LEVEL": 15,
    "COMPRESS_CACHE_BACKEND": DictCache,
    "COMPRESS_CACHE_KEY": lambda request: request.environ[_KEY],
}

#: The endpoints besides pages whose answers may be others for each visitor.
_OF_VISITORS = {
    "dash_dependencies",
    "dash_layout",
    "dash_update_component",
    "resource",
}

#: What is compressed each time may be another text for each visitor.
_EACH_TIME = {"COMPRESS_CACHE_BACKEND": None, "COMPRESS_CACHE_KEY": None}


class Caching:
    """Finishes the responses of one DashPages on one app.

    :param config: The configuration of the app.
    :param name: The name of the blueprint.
    :param endpoints: Those of the pages.
    :param guarded: Those of pages that not everybody may see.
    :param has_guards: Whether there are any.
    """

    def __init__(
        self,
        config: Mapping[str, t.Any],
        name: str,
        endpoints: Container[str | None],
        guarded: Container[str | None],
        has_guards: Callable[[], bool],
        get_release: Callable[[], Release],
    ) -> None:
        self._name = name
        self._endpoints = endpoints
        self._guarded = guarded
        self._has_guards = has_guards
        self._get_release = get_release
        self._compress: Finish = _do_nothing
        self._compress_once: Finish = _do_nothing
        #: Held while something is compressed that is compressed once.
        self._locks: dict[str, threading.Lock] = {}

        if Compress is not None and config["DASH_PAGES_COMPRESS"]:
            self._compress = _make_compress({**config, **_EACH_TIME})
            self._compress_once = _make_compress({**_ALGORITHMS, **config, **_ONCE})

    def finish_resource(self, response: Response) -> Response:
        """Finish what is the same for all visitors."""
        if request.endpoint in self._endpoints:
            return response

        release = self._get_release()
        by = _kept_by(response, release)

        if by is not None:
            keep(response, by=by)
        elif _is_bundle() and response.status_code == 200:
            # Dash lets any fingerprint be kept.
            response.headers["Cache-Control"] = "no-cache"
        else:
            return response

        response.direct_passthrough = False
        response.add_etag()
        key = request.environ[_KEY] = str(response.get_etag()[0])

        if _is_for_some(release):
            return _leave_out(self._compress(response))

        with self._locks.setdefault(key, threading.Lock()):
            response = self._compress_once(response)

        return _leave_out(response)

    def finish(self, response: Response) -> None:
        """Say what may be kept of the response to the current request, which no
        function of the app can change any more.
        """
        if self._name not in request.blueprints:
            return

        is_page = request.endpoint in self._endpoints
        is_visitors = is_page or _word() in _OF_VISITORS

        if is_page:
            _control_cache(response)

        if request.endpoint in self._guarded:
            response.headers.setdefault("Cache-Control", "private, no-store")

        if is_visitors and self._has_guards():
            keep_private(response)

        if _KEY not in request.environ:
            _leave_out(self._compress(response))
        elif response.cache_control.immutable:
            # Flask may have renewed the session, which is not for others to keep.
            response.headers.remove("Set-Cookie")
            # Werkzeug only finds it in lower case.
            response.vary.discard("cookie")


def keep_private(response: Response) -> None:
    """Let nobody keep the answer for others than the visitor, whatever a function of
    the app says of all answers.
    """
    response.vary.add("Cookie")

    if not response.cache_control.no_store:
        response.cache_control.public = False
        response.cache_control.s_maxage = None
        response.cache_control.private = True


def _control_cache(response: Response) -> None:
    """Say who may keep the answer for a path of a page, if nobody has said it."""
    if "Cache-Control" not in response.headers and asks_for_json():
        # Chrome would show JSON that it has kept when a visitor comes back to the page.
        # The browser's part keeps what it prefetched by itself, unless somebody has
        # said no-store.
        control = "private, no-cache" if is_prefetch() else "no-store"
        response.headers["Cache-Control"] = control

    if (
        response.cache_control.max_age is not None
        and response.status_code == 200
        and not response.is_streamed
        and "ETag" not in response.headers
    ):
        # Each index has a signed text of its own. An older one still is right.
        same = _CONFIG.sub(b"", response.get_data())
        response.set_etag(fingerprint(same), weak=True)


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
    compress.compress_mimetypes_set.update({MARKDOWN, PAGE_JSON})
    return t.cast(Finish, compress.after_request)


def _word() -> str:
    """The endpoint of the request without the name of the blueprint. The path may be
    one of a page that looks like it.
    """
    return (request.endpoint or "").rpartition(".")[2]


def _is_bundle() -> bool:
    return _word() == "dash_component_suites"


def _is_for_some(release: Release) -> bool:
    """Whether others than ``release`` have what is asked for. There may be one for each
    combination of rights, which would be a lot to remember.
    """
    path = (request.view_args or {}).get("path", "")
    return _word() == "resource" and release.find(path) is None


def _kept_by(response: Response, release: Release) -> str | None:
    """Who keeps the response for good: ``"public"`` for proxies as well, ``"private"``
    for browsers. ``None`` if another text may come under its URL.
    """
    if response.status_code != 200:
        return None

    if response.cache_control.max_age == MAX_AGE:
        if _is_bundle():
            # During a deploy, the URL may be one of another worker.
            names = request.path.rpartition("/")[2].split(".")
            return None if release.fingerprints.isdisjoint(names) else "public"

        if _word() == "resource":
            return "private"

    if _word() == "favicon_ico":
        # The default one, whose URL has the version of Dash.
        return "public" if request.args.get("v") == dash.__version__ else None

    # Dash puts the time of the change in the URLs of assets. With its hot reload, that
    # is an old one after another change.
    if is_debug():
        return None

    changed = response.last_modified
    seconds = request.args.get("m", "").partition(".")[0]
    is_that = changed is not None and seconds == f"{changed.timestamp():.0f}"
    return "private" if is_that else None
