"""Guards for what Flask apps use to know their visitors."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable

from flask import current_app
from flask import make_response
from flask import redirect
from flask import request
from flask import Response
from flask import url_for

from .access import Requirement
from .layouts import signature
from .page import Guard
from .protocol import path_with_query

try:
    import flask_login
except ImportError:  # It comes with the extra "login".
    flask_login = None

#: The path of a URL on this host. Browsers take backslashes for slashes and leave out
#: control characters, and two slashes begin the name of a host.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def require(
    predicate: Callable[..., bool], otherwise: Callable[[], t.Any] | None = None
) -> Guard:
    """A guard that lets visitors in for whom ``predicate`` returns ``True``.

    .. code-block:: python

        register_page(__name__, guard=require(lambda: current_user.is_admin))

    :param predicate: A function that returns ``True`` or ``False``. It can take the
        arguments ``page`` and ``variables``.
    :param otherwise: Makes the answer for other visitors, as a view does, such as
        :func:`login_redirect`. It is only called for visitors who open the page. By
        default they get status 403.
    :raises TypeError: If one of them is no function, or requires other arguments.
    """
    if otherwise is None:
        return Requirement(predicate)

    # A response is a function, too.
    if not callable(otherwise) or signature(otherwise).required:
        raise TypeError(
            f"require() got otherwise={otherwise!r}. It must be a function without"
            " arguments that makes the answer, such as login_redirect('login')."
        )

    return Requirement(predicate, lambda: make_response(otherwise()))


def login_redirect(endpoint: str, **values: t.Any) -> Callable[[], Response]:
    """What :func:`require` can do otherwise: redirect to the view at ``endpoint``, with
    the URL of the page as the query parameter ``next``. See :func:`next_url`.

    :param values: Further values for :func:`flask.url_for`.
    """

    def otherwise() -> Response:
        location = url_for(endpoint, **values, next=path_with_query())
        return t.cast(Response, redirect(location))

    return otherwise


def next_url(default: str, url: str | None = None) -> str:
    """Where to go after the login.

    :param default: A URL for visitors who came from nowhere else on this host.
    :param url: What to check. By default the query or form parameter ``next``.
    :return: The path of a URL on this host, or ``default``.
    """
    if url is None:
        url = request.values.get("next", "")

    return url if _OWN_PATH.fullmatch(url) else default


def _is_logged_in() -> bool:
    if current_app.config.get("LOGIN_DISABLED"):
        return True

    if not hasattr(current_app, "login_manager"):
        raise RuntimeError(
            f"The app {current_app.name!r} has a guard of Flask-Login, but no"
            " LoginManager. Make one: LoginManager(app)."
        )

    return bool(flask_login.current_user.is_authenticated)


def _is_fresh() -> bool:
    is_off = bool(current_app.config.get("LOGIN_DISABLED"))
    return _is_logged_in() and (is_off or flask_login.login_fresh())


def _nothing() -> str:
    # The decorators of Flask-Login protect it.
    return ""


# Lists of guards show the names that are written in page files.
_is_logged_in.__name__ = "login_required"
_is_fresh.__name__ = "fresh_login_required"

if flask_login is not None:
    #: Lets in users who are logged in by Flask-Login. Others are sent to the login.
    login_required: Guard = require(_is_logged_in, flask_login.login_required(_nothing))

    #: Lets in users whose login by Flask-Login is fresh. Others are sent to the login
    #: or asked to log in again.
    fresh_login_required: Guard = require(
        _is_fresh, flask_login.fresh_login_required(_nothing)
    )
else:

    def __getattr__(name: str) -> t.Any:
        if name in {"login_required", "fresh_login_required"}:
            raise ImportError(
                f"flask_dash_pages.guards.{name} needs Flask-Login. Install it: pip"
                ' install "Flask-Dash-Pages[login]"'
            )

        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
