"""Resources that never change, because their URL does."""

from __future__ import annotations

import typing as t
from hashlib import sha256

from werkzeug.sansio.response import Response

#: How long browsers are asked to keep what never changes: a year, in seconds.
MAX_AGE = 31_536_000


class Resource(t.NamedTuple):
    """Something that is served under a URL that is made of what is in it."""

    #: Below the folder of the resources.
    path: str
    data: bytes
    mimetype: str


def make_resource(name: str, data: bytes, mimetype: str) -> Resource:
    return Resource(f"{sha256(data).hexdigest()[:16]}/{name}", data, mimetype)


def keep(response: Response, *, by: str) -> None:
    """Let ``response`` be kept and never be asked for again.

    :param by: ``"public"`` for proxies as well, or ``"private"`` for browsers.
    """
    response.headers["Cache-Control"] = f"{by}, max-age={MAX_AGE}, immutable"
