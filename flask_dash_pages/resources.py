"""Resources that never change, because their URL does."""

from __future__ import annotations

import typing as t
from hashlib import sha256

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
    #: The same for those who get other callbacks.
    deployment: str = ""
    dependencies: Resource | None = None
    #: The functions of clientside callbacks.
    scripts: Resource | None = None
    #: What the URLs of bundles have in their names.
    fingerprints: frozenset[str] = frozenset()

    def find(self, path: str) -> Resource | None:
        """What is at ``path`` in the folder of the resources."""
        for found in (self.dependencies, self.scripts):
            if found is not None and found.path == path:
                return found

        return None


def make_resource(name: str, data: bytes, mimetype: str) -> Resource:
    return Resource(f"{fingerprint(data)}/{name}", data, mimetype)


def fingerprint(data: bytes) -> str:
    """A short text that is another one for other data."""
    return sha256(data).hexdigest()[:16]


def keep(response: Response, *, by: str) -> None:
    """Let ``response`` be kept and never be asked for again.

    :param by: ``"public"`` for proxies as well, or ``"private"`` for browsers.
    """
    response.headers["Cache-Control"] = f"{by}, max-age={MAX_AGE}, immutable"
