"""Resources that never change, because their URL does."""

from __future__ import annotations

import typing as t
from hashlib import sha256

from flask import current_app
from werkzeug.exceptions import NotFound
from werkzeug.sansio.response import Response

#: The folder of the resources, and the rule for them.
RESOURCES = "_dash-pages"
RULE = f"/{RESOURCES}/<path:path>"

#: How long browsers are asked to keep what never changes: a year, in seconds.
MAX_AGE = 31_536_000


class Resource(t.NamedTuple):
    """Something that is served under a URL that is made of what is in it."""

    #: Below the folder of the resources.
    path: str
    data: bytes
    mimetype: str


class Release(t.NamedTuple):
    """What is the same for all visits while the app serves."""

    #: A text that changes when what the browser has of it would not fit any more.
    version: str = ""
    dependencies: Resource | None = None
    #: The functions of clientside callbacks.
    scripts: Resource | None = None


def make_resource(name: str, data: bytes, mimetype: str) -> Resource:
    return Resource(f"{fingerprint(data)}/{name}", data, mimetype)


def fingerprint(data: bytes) -> str:
    """A short text that is another one for other data."""
    return sha256(data).hexdigest()[:16]


def respond(release: Release, path: str) -> Response:
    """The response for the resource at ``path``.

    :raises NotFound: If it belongs to another release.
    """
    for resource in (release.dependencies, release.scripts):
        if resource is not None and resource.path == path:
            response = current_app.response_class(
                resource.data, mimetype=resource.mimetype
            )
            keep(response, by="private")
            return response

    if path.endswith("/callbacks.js") and release.scripts is not None:
        # The page is older than a deploy. Without any functions its callbacks would all
        # fail.
        return current_app.response_class(
            release.scripts.data,
            mimetype=release.scripts.mimetype,
            headers={"Cache-Control": "no-store"},
        )

    raise NotFound(f"{path!r} belongs to another version of the app.")


def keep(response: Response, *, by: str) -> None:
    """Let ``response`` be kept and never be asked for again.

    :param by: ``"public"`` for proxies as well, or ``"private"`` for browsers.
    """
    response.headers["Cache-Control"] = f"{by}, max-age={MAX_AGE}, immutable"
