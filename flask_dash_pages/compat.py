"""``dash.register_page`` and the other globals of Dash, for the app being served.

Page files that were written for Dash Pages ask the ``dash`` module: it keeps one
registry, one configuration and one app for the process. While pages are imported
and while they are served, these names lead to the app whose turn it is. At any
other time they are what Dash made them, so that a stock app goes on working.

Nothing happens when this module is imported. The names are replaced when the first
app is set up.
"""

from __future__ import annotations

import functools
import inspect
import sys
import threading
import typing as t
from collections.abc import Callable
from collections.abc import ItemsView
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import KeysView
from collections.abc import Mapping
from collections.abc import ValuesView
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from difflib import get_close_matches
from types import ModuleType
from weakref import WeakKeyDictionary
from weakref import WeakSet

import dash
from dash import _get_app as dash_get_app
from dash import _get_paths as dash_get_paths
from dash import _pages as dash_pages
from dash._callback_context import context_value
from flask import current_app
from flask import has_app_context
from flask import has_request_context
from flask import request
from werkzeug.local import LocalProxy

from .declarations import caller
from .declarations import declaring
from .declarations import importing_module
from .declarations import place_in
from .page import Declaration
from .page import Guard
from .page import JsonLd
from .page import Page
from .page import PageError
from .registry import Registry


class Served(t.Protocol):
    """What is being set up or served: one DashPages on one app."""

    @property
    def dash(self) -> dash.Dash: ...

    @property
    def registry(self) -> Registry: ...

    @property
    def blueprint_name(self) -> str: ...

    def declare(self, declaration: Declaration) -> None: ...


_served: ContextVar[Served | None] = ContextVar("flask_dash_pages", default=None)
_importing: ContextVar[bool] = ContextVar("flask_dash_pages_importing", default=False)
_lock = threading.RLock()

# What the code at the top level of a module means, as it does in scripts. Gone with the
# module, and with the app.
_made_by: WeakKeyDictionary[ModuleType, WeakSet[Served]] = WeakKeyDictionary()

#: The registry of stock apps.
_stock_registry = dash.page_registry
_stock_register_page = dash.register_page
_stock_get_app = dash.get_app


def find_served() -> Served | None:
    """What is being set up or served. Elsewhere, but with an app active, the only
    DashPages of that app. With no app active, the only one that was initialized by the
    top-level code of the module whose top-level code is running. ``None`` if there is
    none, or several.
    """
    served = _find_serving()

    if served is not None:
        return served

    if has_app_context():
        return _only(current_app.extensions.get("dash_pages", {}).values())

    module = importing_module()
    return None if module is None else _only(_made_by.get(module, ()))


def made_by_importing_module(served: Served) -> None:
    """Remember ``served`` for the rest of the module that is being imported."""
    module = importing_module()

    if module is not None:
        _made_by.setdefault(module, WeakSet()).add(served)


def _only(found: t.Collection[Served]) -> Served | None:
    return next(iter(found)) if len(found) == 1 else None


def _find_serving() -> Served | None:
    served = _served.get()

    if served is not None or not has_request_context():
        return served

    for served in current_app.extensions.get("dash_pages", {}).values():
        if served.blueprint_name in request.blueprints:
            return t.cast(Served, served)

    return None


def _find_for_dash() -> Served | None:
    """What the names of the ``dash`` module lead to. ``None`` for the stock app: its
    layouts run with no app active, or in requests for others than our pages.
    """
    if has_stock_app() and (has_request_context() or not has_app_context()):
        return _find_serving()

    return find_served()


def get_served(what: str, remedy: str = "") -> Served:
    """Like :func:`find_served`.

    :param what: What needs it, for the message.
    :param remedy: What else there is to do.
    :raises RuntimeError: If there is none, or several.
    """
    served = find_served()

    if served is not None:
        return served

    if has_app_context() and current_app.extensions.get("dash_pages"):
        names = ", ".join(map(repr, current_app.extensions["dash_pages"]))
        raise RuntimeError(
            f"{what} was used outside of a page, but the app has several DashPages:"
            f' {names}. Pick one: current_app.extensions["dash_pages"][name].'
        )

    raise RuntimeError(
        f"{what} was used with no app that has DashPages. Use it in a function that"
        " is called while the app serves, such as a layout function, or within"
        f" 'with app.app_context():' after init_app. {remedy}".rstrip()
    )


class CurrentRegistry(Mapping[str, Page]):
    """The pages of the app being served, in order."""

    @property
    def _registry(self) -> Registry:
        return get_served("page_registry").registry

    def __getitem__(self, module: str) -> Page:
        return self._registry[module]

    def __iter__(self) -> Iterator[str]:
        return iter(self._registry)

    def __len__(self) -> int:
        return len(self._registry)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._registry)

    def copy(self) -> dict[str, Page]:
        """The pages as a dict, in the order of now."""
        return self._registry.copy()

    # Mapping's own would ask for the registry only when they are read.

    def keys(self) -> KeysView[str]:
        return self._registry.keys()

    def values(self) -> ValuesView[Page]:
        return self._registry.values()

    def items(self) -> ItemsView[str, Page]:
        return self._registry.items()


def register_page(
    module: str,
    path: str | None = None,
    path_template: str | None = None,
    name: str | None = None,
    order: t.Any = None,
    title: str | Callable[..., str] | None = None,
    description: str | Callable[..., str] | None = None,
    image: str | None = None,
    image_url: str | None = None,
    redirect_from: list[str] | None = None,
    layout: t.Any = None,
    prerender: bool = True,
    prefetch: bool = True,
    max_age: int | None = None,
    noindex: bool = False,
    json_ld: JsonLd | Callable[..., JsonLd | None] | None = None,
    alternates: Mapping[str, str] | None = None,
    sitemap: bool | Callable[[], Iterable[Mapping[str, t.Any]]] = True,
    lastmod: date | str | Callable[..., date | str | None] | None = None,
    guard: Guard | list[Guard] | None = None,
    **kwargs: t.Any,
) -> None:
    """Make a page of the module that calls this. Does the same as
    :func:`dash.register_page`, for the app that imports the module.

    :param module: The name of the module that has the ``layout``; most often
        ``__name__``. The key of the page in the registry.
    :param path: The path of the URL, beginning with a slash. By default it is
        made from ``path_template`` or from the name of the module.
    :param path_template: A path with variables, such as ``/asset/<asset_id>`` or
        ``/asset/<int:asset_id>``. They are handed to the layout function.
    :param name: The text for links, which may be one that is translated when it is
        shown. By default it is made from the module.
    :param order: Where the page stands in the registry: numbers come first, then
        strings, then pages without an order. If no page has one, the page at
        ``/`` is first.
    :param title: The title in the browser, or a function that returns it and
        takes the variables of the path. By default the title of the app, else
        the name.
    :param description: The text for search engines, or a function like for
        ``title``. By default that of the app.
    :param image: The name of a file in the assets folder, to show where the page
        is shared. By default a file that is named as the module, ``app`` or
        ``logo``.
    :param image_url: The full URL of an image, instead of ``image``.
    :param redirect_from: Further paths that lead to the page. They may have the
        variables of ``path_template``.
    :param layout: A component, a list of them, or a function that returns one. By
        default what is named ``layout`` in the module.
    :param prerender: Whether a first view shows the content as HTML before the app is
        up.
    :param prefetch: Whether links to the page may fetch it before they are clicked.
        Turn it off for a layout that does something, or that takes long.
    :param max_age: For how many seconds a browser may show the page again without
        asking. After that it asks, and gets the page only if it has changed. ``None``
        to ask each time and keep nothing.
    :param noindex: Whether search engines are asked not to list the page.
    :param json_ld: What the page is about, as JSON-LD: a dict, a list, or a function
        that returns one and takes the variables of the path.
    :param alternates: Where the page is in other languages: a dict from ``hreflang`` to
        a path like those in ``redirect_from``, a full URL, or the module or the
        endpoint of a page.
    :param sitemap: ``False`` to leave the page out of the sitemap and ``llms.txt``. Or
        a function that yields the variables of each path that is to be there, as dicts.
    :param lastmod: When the page was changed: a date, a datetime, an ISO string, or a
        function that returns one and takes the variables of the path.
    :param guard: Decides who may see the page: a function that takes the page and the
        variables of the path, or a list of them. See :doc:`guards`.
    :param kwargs: Further values, kept with the page. ``flask pages check`` reads
        ``samples``, see :doc:`cli`, and ``navigation=False`` leaves the page out of
        :meth:`DashPages.navigation`.
    :raises RuntimeError: If no app is active, or the app has already served.
    :raises PageError: If the page cannot be registered.
    """
    arguments = dict(locals())

    # Dash sets a default in the main thread only.
    if context_value.get({}).get("ignore_register_page"):
        # A background callback imports its page in a worker.
        return

    served = get_served(
        f"register_page({module!r})",
        "Or put the file into the folder of the pages, which imports it.",
    )
    declaration = declaration_of(arguments)

    if _importing.get():
        declaring().pages.append(declaration)

    served.declare(declaration)


def declaration_of(arguments: dict[str, t.Any]) -> Declaration:
    """The declaration for a call of :func:`register_page` by code outside of this
    package.
    """
    further = arguments.pop("kwargs")
    module = arguments.pop("module")
    file, line, name = caller(__package__)
    importing = importing_module() if _importing.get() else None

    for key, value in further.items():
        # Own keywords are welcome, but a page must not be open by mistake.
        could_be = callable(value) or isinstance(value, (list, tuple))

        if could_be and get_close_matches(key, ["guard"], cutoff=0.8):
            raise PageError(
                f"The page {module!r} in {file}:{line} has {key!r}, which looks like"
                " 'guard'. Guards are given by that name only."
            )

    modules = {name}

    if importing is not None:
        # It may be done by a function of another module.
        modules.add(importing.__name__)
        file, line = place_in(importing) or (file, line)

    return Declaration(module, {**arguments, **further}, file, line, frozenset(modules))


def bind_arguments(*args: t.Any, **kwargs: t.Any) -> dict[str, t.Any]:
    """All arguments of a call of :func:`register_page`, by name."""
    bound = inspect.signature(register_page).bind(*args, **kwargs)
    bound.apply_defaults()
    return {"kwargs": {}, **bound.arguments}


@functools.wraps(_stock_register_page)
def _dash_register_page(*args: t.Any, **kwargs: t.Any) -> None:
    is_stock = _find_for_dash() is None and has_stock_app()
    function = _stock_register_page if is_stock else register_page
    function(*args, **kwargs)


@functools.wraps(_stock_get_app)
def _dash_get_app() -> t.Any:
    # While pages are imported and served, Dash's own finds the app.
    served = _find_for_dash() if _served.get() is None else None
    return _stock_get_app() if served is None else served.dash  # type: ignore[no-untyped-call]


class _Paths:
    """The configuration that ``dash.get_asset_url`` and its like read."""

    def __init__(self, stock: t.Any) -> None:
        self.stock = stock

    def __getattr__(self, name: str) -> t.Any:
        served = _find_for_dash()
        return getattr(self.stock if served is None else served.dash.config, name)


_dash_registry = LocalProxy(
    lambda: getattr(_find_for_dash(), "registry", _stock_registry)
)

#: What takes the place of names of the dash module, by the identity of what they are.
_REPLACEMENTS: dict[int, t.Any] = {
    id(_stock_register_page): _dash_register_page,
    id(_stock_get_app): _dash_get_app,
    id(_stock_registry): _dash_registry,
}


def install() -> None:
    """Put the replacements in place."""
    if dash.register_page is not _dash_register_page:
        # Also where they were imported, such as in the module of the app. For a stock
        # app they go on meaning the same.
        for name, module in list(sys.modules.items()):
            # Others may be loaded by looking at them.
            if type(module) is ModuleType and not _is_inner_module(name):
                _replace_values(vars(module))

    # The functions may have been imported by name long ago, but they look CONFIG up
    # whenever they are called. Each new stock app sets it.
    if not isinstance(dash_get_paths.CONFIG, _Paths):
        dash_get_paths.CONFIG = _Paths(  # type: ignore[assignment]
            dash_get_paths.CONFIG
        )


def _is_inner_module(name: str) -> bool:
    return name.startswith(("dash.", f"{__package__}."))


def _replace_values(names: dict[str, t.Any]) -> None:
    for name, value in list(names.items()):
        if id(value) in _REPLACEMENTS:
            names[name] = _REPLACEMENTS[id(value)]


@contextmanager
def serving(served: Served, app: t.Any = None) -> Iterator[None]:
    """Make the globals lead to ``served``.

    :param app: What ``dash.get_app()`` returns, if not ``served.dash``.
    """
    # A stock app that was made meanwhile has its own in place.
    install()
    token = _served.set(served)
    # Dash sets this variable and never resets it, so the next request of the thread
    # would see the app of this one.
    app_token = dash_get_app.app_context.set(served.dash if app is None else app)

    try:
        yield
    finally:
        dash_get_app.app_context.reset(app_token)
        _served.reset(token)


@contextmanager
def importing(served: Served) -> Iterator[None]:
    """Make the globals lead to ``served``, and keep what modules declare.

    A page module is imported once, so ``app = dash.get_app()`` at the top of it is
    bound to the app being served rather than to the first one.
    """
    current: t.Any = LocalProxy(lambda: get_served("dash.get_app()").dash)
    token = _importing.set(True)

    try:
        with serving(served, current):
            yield
    finally:
        _importing.reset(token)


@contextmanager
def stock_globals_kept() -> Iterator[None]:
    """Undo what creating a Dash instance does to the globals of Dash: the newest
    instance would answer for the stock apps of the process.
    """
    with _lock:
        app, pages = dash_get_app.APP, dash_pages.CONFIG
        paths, scripts = dash_get_paths.CONFIG, list(dash.dcc._js_dist)

        try:
            yield
        finally:
            dash_get_app.APP, dash_pages.CONFIG = app, pages
            dash_get_paths.CONFIG = paths
            # Each instance adds plotly.js once more.
            dash.dcc._js_dist[:] = [
                *scripts,
                *(s for s in dash.dcc._js_dist[len(scripts) :] if s not in scripts),
            ]


def has_stock_app() -> bool:
    """Whether the process has an app that was not made by this package."""
    return dash_get_app.APP is not None


def stock_app() -> dash.Dash | None:
    """The last app of the process that was not made by this package."""
    return t.cast("dash.Dash | None", dash_get_app.APP)
