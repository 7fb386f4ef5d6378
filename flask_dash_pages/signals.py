"""The events of a page's life.

Every signal is sent with the Flask app object as the sender. Receivers take
the keyword arguments listed below and ``**extra``, so that later versions can
add to them.
"""

from __future__ import annotations

import typing as t

from blinker import NamedSignal
from blinker import Namespace

if t.TYPE_CHECKING:
    from flask import Flask

_signals = Namespace()

#: A page was added to the app's registry. Arguments: ``page``.
page_registered = _signals.signal("page-registered")

#: A visit ended in the page's content. Arguments: ``page``, ``path`` (without
#: the query), ``variables`` (from the path), ``query`` (values are strings, or
#: lists of them for repeated keys), ``status``, ``duration`` (seconds spent in
#: the layout, title and description functions), ``representation`` (``"html"``,
#: ``"json"`` or ``"markdown"``).
page_resolved = _signals.signal("page-resolved")

#: A visit ended in a redirect. Arguments: ``path``, ``location``.
page_redirected = _signals.signal("page-redirected")

#: A visit ended with status 404. Arguments: ``path``.
page_not_found = _signals.signal("page-not-found")

#: A guard did not let the visitor in, or the visit ended with status 403. Arguments:
#: ``page``, ``path``.
page_denied = _signals.signal("page-denied")

#: A guard, layout or title function raised. Arguments: ``page``, ``path``,
#: ``exception``.
page_failed = _signals.signal("page-failed")


def send(app: Flask, signal: NamedSignal, **extra: t.Any) -> None:
    """Send ``signal`` for ``app``. A receiver that raises is logged, and
    neither the other receivers nor the page notice.
    """
    if signal.is_muted:
        return

    for receiver in signal.receivers_for(app):
        try:
            app.ensure_sync(receiver)(app, **extra)
        except Exception:
            app.logger.exception("A receiver of the signal '%s' raised.", signal.name)
