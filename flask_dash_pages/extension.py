"""The extension: configuration and wiring."""

from __future__ import annotations

import difflib
import inspect
import json
import typing as t
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from weakref import WeakSet

import flask
from dash import Dash
from dash import Input
from dash import page_container
from dash import State
from dash.development.base_component import Component
from flask import Blueprint
from flask import current_app
from flask import Flask
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup

from . import binding
from . import callbacks
from . import cli
from . import compat
from . import crawlers
from . import markdown
from .access import as_guards
from .bound import BoundPages
from .declarations import caller
from .encoding import to_json
from .page import Guard
from .page import Page
from .page import PageError
from .prerender import prerender_json
from .registry import Registry
from .rules import KnownRules

T_function = t.TypeVar("T_function", bound=Callable[..., t.Any])

#: The configuration keys and their default values.
DEFAULT_CONFIG: Mapping[str, t.Any] = {
    "DASH_PAGES_CANONICAL": True,
    "DASH_PAGES_COMPRESS": True,
    "DASH_PAGES_DEV_TOOLS": None,
    "DASH_PAGES_IMPORT_ERRORS": "raise",
    "DASH_PAGES_LLMS": False,
    "DASH_PAGES_MARKDOWN": False,
    "DASH_PAGES_PREFETCH": True,
    "DASH_PAGES_PRERENDER": True,
    "DASH_PAGES_REDIRECT_CODE": 301,
    "DASH_PAGES_ROBOTS": False,
    "DASH_PAGES_SITEMAP": False,
    "DASH_PAGES_VERSION": "",
}

_CONFIG_VALUES: Mapping[str, tuple[t.Any, ...]] = {
    "DASH_PAGES_CANONICAL": (True, False),
    "DASH_PAGES_COMPRESS": (True, False),
    "DASH_PAGES_DEV_TOOLS": (None, True, False),
    "DASH_PAGES_IMPORT_ERRORS": ("raise", "page"),
    "DASH_PAGES_LLMS": (True, False),
    "DASH_PAGES_MARKDOWN": (True, False),
    "DASH_PAGES_PREFETCH": (True, False),
    "DASH_PAGES_PRERENDER": (True, False),
    "DASH_PAGES_REDIRECT_CODE": (301, 302, 303, 307, 308),
    "DASH_PAGES_ROBOTS": (True, False),
    "DASH_PAGES_SITEMAP": (True, False),
}

#: Options of Dash that have no meaning on a Flask app, and what does their work.
_REFUSED_OPTIONS = {
    "backend": "Dash is bound to a blueprint of the Flask app.",
    "compress": (
        "Leave it out, and install Flask-Compress, which is then used for pages, or use"
        " it on the Flask app."
    ),
    "enable_mcp": "Leave it out: it would call callbacks without asking guards.",
    "requests_pathname_prefix": (
        "Use url_prefix for the app's own prefix, and Werkzeug's ProxyFix for one that"
        " a proxy adds."
    ),
    "routes_pathname_prefix": "Use url_prefix.",
    "server": "Give the Flask app to DashPages or to init_app.",
    "url_base_pathname": "Use url_prefix.",
    "use_pages": "Leave it out: there are always pages.",
}


class DashPages:
    """Pages of Dash as pages of a Flask app.

    .. code-block:: python

        from flask import Flask
        from flask_dash_pages import DashPages

        app = Flask(__name__)
        pages = DashPages(app)

    Or in a factory, with :meth:`init_app`. An app can have several, with different
    names and prefixes.

    :param app: Initialize this app right away.
    :param name: The name of the blueprint, with which all endpoints begin.
    :param url_prefix: The path that all URLs begin with.
    :param pages_folder: The folder of the page files, relative to the app's
        ``root_path``. ``None`` or an empty string for no folder.
    :param layout: The shell around the pages: a component that has
        :data:`page_container` in it, or a function that returns one. By default
        just the page.
    :param guard: Decides who may see the pages: a function that takes the page and the
        variables of the path, or a list of them. See :doc:`guards`.
    :param routing_callback_inputs: Names to ``dash.Input`` or ``dash.State``. Layouts
        that accept the names get the values from the browser.
    :param subdomain: As for :class:`flask.Blueprint`.
    :param host: As for :meth:`flask.Flask.add_url_rule`.
    :param dash_class: A subclass of :class:`dash.Dash` to use instead.
    :param dash_options: What else :class:`dash.Dash` takes. Folders are relative to
        the app's ``root_path``, and ``suppress_callback_exceptions`` is on, since a
        page's callbacks are known before its components are.
    :raises TypeError: If Dash does not take an option, or it has no meaning here.
    """

    def __init__(
        self,
        app: Flask | Blueprint | None = None,
        *,
        name: str = "dash_pages",
        url_prefix: str | None = "/",
        pages_folder: str | PathLike[str] | None = "pages",
        layout: t.Any = None,
        guard: Guard | list[Guard] | None = None,
        routing_callback_inputs: Mapping[str, Input | State] | None = None,
        subdomain: str | None = None,
        host: str | None = None,
        dash_class: type[Dash] = Dash,
        **dash_options: t.Any,
    ) -> None:
        if not isinstance(name, str) or not name or "." in name:
            raise ValueError(
                f"DashPages got the name {name!r}. It is that of a blueprint, which is"
                " a string without dots."
            )

        for key, value in (("subdomain", subdomain), ("host", host)):
            if value is not None and "<" in value:
                raise ValueError(
                    f"DashPages got the {key} {value!r}. It cannot have variables."
                )

        _check_options(dash_class, dash_options)
        self.name = name
        self._url_prefix = _checked_prefix(url_prefix)
        self._pages_folder = pages_folder
        self._guards = as_guards(guard)
        #: The module that makes this.
        self._made_in = caller(__package__)[2]
        self._inputs = _checked_inputs(routing_callback_inputs or {})
        self._subdomain = subdomain
        self._host = host
        self._dash_class = dash_class
        self._dash_options = dash_options
        self._layout: t.Any = page_container if layout is None else layout
        #: What was asked for with no app active, to be done for each app.
        self._deferred: list[Callable[[BoundPages], t.Any]] = []
        #: Where to do it, too, until the app serves.
        self._bound: WeakSet[BoundPages] = WeakSet()

        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask | Blueprint) -> None:
        """Import the pages and add them to ``app``.

        With a blueprint, this is done when the blueprint is registered on an app, below
        the blueprint's own prefix and name.

        :raises RuntimeError: If the app has a ``DashPages`` of this name already.
        :raises PageError: If a page cannot be registered. Nothing is added to the app
            then.
        :raises ValueError: If a value in the configuration cannot be used.
        """
        if isinstance(app, Blueprint):
            app.record(self._init_blueprint)
        elif isinstance(app, Flask):
            self._init(app, name_prefix="", url_prefix="", subdomain=None)
        else:
            raise TypeError(
                f"DashPages got {app!r}. Give it the Flask app, as in DashPages(app),"
                " or a Blueprint."
            )

    def _init_blueprint(self, state: BlueprintSetupState) -> None:
        for key in ("url_prefix", "subdomain"):
            value = getattr(state, key) or ""

            if "<" in value:
                raise ValueError(
                    f"The blueprint {state.name!r} or one around it has the {key}"
                    f" {value!r}, and a DashPages, whose {key} cannot have variables."
                    " Register it once for each value, with another name:"
                    f" register_blueprint(..., {key}=..., name=...)."
                )

        self._init(
            t.cast(Flask, state.app),
            name_prefix=f"{state.name_prefix}.{state.name}".lstrip("."),
            url_prefix=(state.url_prefix or "").rstrip("/"),
            subdomain=state.subdomain,
        )

    def _init(
        self, app: Flask, *, name_prefix: str, url_prefix: str, subdomain: str | None
    ) -> None:
        name = f"{name_prefix}.{self.name}".lstrip(".")
        extensions = app.extensions.get("dash_pages", {})

        if name in extensions or name in app.blueprints:
            what = "DashPages" if name in extensions else "blueprint"
            raise RuntimeError(
                f"The app {app.name!r} has a {what} named {name!r} already. Call"
                " init_app once for each app, or give this one another name:"
                " DashPages(name=...)."
            )

        if app._got_first_request:
            raise RuntimeError(
                f"init_app was called for {name!r} after the app {app.name!r} had"
                " served a request. Call it before, where the app is made."
            )

        _check_keys(app.config)

        for key, value in DEFAULT_CONFIG.items():
            app.config.setdefault(key, value)
            _check_config(key, app.config[key])

        # A commit may be named by digits only, which variables of the environment have
        # as a number.
        app.config["DASH_PAGES_VERSION"] = str(app.config["DASH_PAGES_VERSION"])

        if app.config["DASH_PAGES_MARKDOWN"] and not markdown.IS_INSTALLED:
            raise ValueError(
                "The configuration has DASH_PAGES_MARKDOWN = True, which needs"
                ' markdownify. Install it: pip install "Flask-Dash-Pages[markdown]"'
            )

        callbacks.install()
        compat.install()
        options = {
            "add_log_handler": False,
            "suppress_callback_exceptions": True,
            "assets_folder": "assets",
            **self._dash_options,
        }
        options["assets_folder"] = str(Path(app.root_path, options["assets_folder"]))
        known_rules = (bound.rules.known for bound in extensions.values())
        assets_url_path = options.get("assets_url_path", "assets").strip("/")
        bound = BoundPages(
            app,
            binding.PagesBlueprint(
                self.name,
                app.import_name,
                root_path=app.root_path,
                static_folder=options["assets_folder"],
                static_url_path=f"/{assets_url_path}",
            ),
            name_prefix=name_prefix,
            url_prefix=url_prefix + self._url_prefix,
            subdomain=self._subdomain or subdomain,
            host=self._host,
            known_rules=next(known_rules, KnownRules()),
            folder=self._find_folder(app),
            guards=self._guards,
            roots={self._made_in, caller(__package__)[2]},
            inputs=self._inputs,
            dash_class=self._dash_class,
            dash_options=options,
        )
        bound.set_layout(self._layout)
        self._bound.add(bound)

        try:
            bound.discover()

            for function in self._deferred:
                function(bound)

            bound.register()
        except BaseException:
            self._bound.discard(bound)
            raise

        app.extensions.setdefault("dash_pages", {})[name] = bound
        # In templates that are imported, too.
        app.jinja_env.globals["pages_navigation"] = _navigation
        app.cli.add_command(cli.pages)
        crawlers.add_rules(app, bound)
        compat.made_by_importing_module(bound)
        bound.announce()

    def _find_folder(self, app: Flask) -> Path | None:
        if not self._pages_folder:
            return None

        folder = Path(app.root_path, self._pages_folder)

        if not folder.is_dir():
            raise PageError(
                f"There is no folder '{folder}'. Create it for the page files, name"
                " another one by DashPages(pages_folder=...), or pass pages_folder=None"
                " if pages are registered without files."
            )

        if folder.resolve() == Path(app.root_path).resolve():
            raise PageError(
                f"The pages_folder {self._pages_folder!r} is that of the app, whose"
                " other files are no pages. Name a folder in it."
            )

        return folder.resolve()

    # Of the current app

    @property
    def registry(self) -> Registry:
        """The pages of the current app, in order.

        :raises RuntimeError: If no app is active.
        """
        return self._get_bound("registry").registry

    @property
    def dash(self) -> Dash:
        """The Dash instance of the current app.

        :raises RuntimeError: If no app is active.
        """
        return self._get_bound("dash").dash

    def visible_pages(self) -> list[Page]:
        """The pages of the current app that the current visitor may see, in order,
        without those for errors. Their guards are asked without variables.

        :raises RuntimeError: If no app is active.
        """
        return self._get_bound("visible_pages").visible_pages()

    def navigation(
        self,
        group: str | Callable[[Page], str | None] | None = None,
        *,
        include: Callable[[Page], bool] = lambda page: True,
        name: str = "pages-nav",
        label: str = "Pages",
    ) -> Component:
        """A component with links to the pages of the current app that the current
        visitor may see, in order. The link to the page that is shown, or to the nearest
        one above it, has the class ``active``, also after navigation. Pages that are
        only there with variables in the path are left out, and so are those with
        ``register_page(navigation=False)``.

        In templates, ``pages_navigation()`` does the same.

        :param group: What to group the links by: a key of the pages, ``"folder"`` for
            the folder that the page file is in, or a function that takes a page and
            returns the name of its group. Pages without one come first.
        :param include: Returns ``False`` for further pages to leave out.
        :param name: The class of the list. The others begin with it: ``-list``,
            ``-item``, ``-link``, ``-group`` and ``-heading``. Two lists on a page have
            different names.
        :param label: What the list is, for visitors who do not see it.
        :raises RuntimeError: If no app is active.
        """
        return self._get_bound("navigation").navigation(
            group, include=include, name=name, label=label
        )

    def url_for(self, page: Page | str, **variables: t.Any) -> str:
        """The URL of a page of the current app.

        :param page: A page, or the name of its module.
        :param variables: As for :func:`flask.url_for`.
        :raises RuntimeError: If no app is active.
        :raises KeyError: If there is no such page.
        """
        if isinstance(page, str):
            registry = self._get_bound("url_for").registry

            if page not in registry:
                close = difflib.get_close_matches(page, registry)
                raise KeyError(
                    f"There is no page {page!r}."
                    + (f" Did you mean {close[0]!r}?" if close else "")
                )

            page = registry[page]

        return flask.url_for(page.endpoint, **variables)

    # Of the current app, or of all apps

    @property
    def layout(self) -> t.Any:
        """The shell around the pages: a component that has :data:`page_container` in
        it, or a function that returns one and is called for each first view.

        With an app active, it is that app's. Otherwise it is set for all apps.
        """
        bound = self._find_bound()
        return self._layout if bound is None else bound.dash.layout

    @layout.setter
    def layout(self, value: t.Any) -> None:
        layout = page_container if value is None else value

        if self._find_bound() is None:
            self._layout = layout

        for bound in self._targets("DashPages.layout"):
            bound.set_layout(layout)

    def register_page(self, module: str, *args: t.Any, **kwargs: t.Any) -> None:
        """Register a page, with the arguments of :func:`register_page`. With an app
        active, it is that app's. Otherwise it is added to all apps.

        :raises RuntimeError: If the app has already served.
        """
        if compat.find_served() in self._bound:
            # A page file of it may be what calls this.
            compat.register_page(module, *args, **kwargs)
            return

        arguments = compat.bind_arguments(module, *args, **kwargs)
        declaration = compat.declaration_of(arguments)
        what = f"register_page({module!r})"

        # The first one does it by itself.
        for bound in self._targets(what)[1:]:
            bound.read(declaration)

        self._apply(what, lambda bound: bound.declare(declaration))

    def callback(
        self, *args: t.Any, **kwargs: t.Any
    ) -> Callable[[T_function], T_function]:
        """Like :meth:`dash.Dash.callback`. With an app active, it is that app's.
        Otherwise it is added to all apps.

        :raises RuntimeError: If the app has already served.
        """

        def decorator(function: T_function) -> T_function:
            self._apply(
                "DashPages.callback",
                lambda bound: bound.dash.callback(*args, **kwargs)(function),
            )
            return function

        return decorator

    def clientside_callback(self, *args: t.Any, **kwargs: t.Any) -> None:
        """Like :meth:`dash.Dash.clientside_callback`. With an app active, it is that
        app's. Otherwise it is added to all apps.

        :raises RuntimeError: If the app has already served.
        """
        self._apply(
            "DashPages.clientside_callback",
            lambda bound: bound.dash.clientside_callback(*args, **kwargs),
        )

    def _apply(self, what: str, function: Callable[[BoundPages], t.Any]) -> None:
        for bound in self._targets(what):
            function(bound)

        if self._find_bound() is None:
            self._deferred.append(function)

    def _targets(self, what: str) -> list[BoundPages]:
        """What this is on the current app, or on all apps if none is active.

        :raises RuntimeError: If one of them has already served.
        """
        current = self._find_bound()
        targets = list(self._bound) if current is None else [current]

        for bound in targets:
            bound.refuse_if_served(what)

        return targets

    def _find_bound(self) -> BoundPages | None:
        """What this is on the current app, or ``None`` if no app is active."""
        if not current_app:
            return None

        served = compat.find_served()

        if served in self._bound:
            return t.cast(BoundPages, served)

        # The app has several. This may be one of them, or nested in several blueprints.
        found: Iterable[BoundPages] = current_app.extensions.get(
            "dash_pages", {}
        ).values()
        return next((bound for bound in found if bound in self._bound), None)

    def _get_bound(self, what: str) -> BoundPages:
        bound = self._find_bound()

        if bound is not None:
            return bound

        # The top-level code of the module that made the app.
        served = compat.find_served()

        if served in self._bound:
            return t.cast(BoundPages, served)

        if current_app:
            raise RuntimeError(
                f"DashPages.{what} was used with the app {current_app.name!r}, on which"
                f" the DashPages named {self.name!r} is not initialized. Call"
                " init_app(app) where the app is made."
            )

        raise RuntimeError(
            f"DashPages.{what} was used with no app active. Use it in a function that"
            " is called while the app serves, such as a layout function, or within"
            " 'with app.app_context():'."
        )


def _navigation(
    group: str | Callable[[Page], str | None] | None = None,
    *,
    section: str | None = None,
    **options: t.Any,
) -> Markup:
    """:meth:`DashPages.navigation` in templates.

    :param section: The name of the DashPages, if the app has several.
    """
    sections: Mapping[str, BoundPages] = current_app.extensions["dash_pages"]

    if section is None and len(sections) == 1:
        (section,) = sections

    if section is None or section not in sections:
        names = ", ".join(map(repr, sections))
        raise LookupError(
            f"pages_navigation was called for the section {section!r}. The app has"
            f" {names}: pages_navigation(section=...)."
        )

    return prerender_json(to_json(sections[section].navigation(group, **options)))


def _check_keys(config: Mapping[str, t.Any]) -> None:
    for key in config:
        if key.startswith("DASH_PAGES_") and key not in DEFAULT_CONFIG:
            known = {name.removeprefix("DASH_PAGES_"): name for name in DEFAULT_CONFIG}
            close = difflib.get_close_matches(key.removeprefix("DASH_PAGES_"), known)
            remedy = f"Did you mean {known[close[0]]}?" if close else "Remove it."
            raise ValueError(f"The configuration has {key}, which is no key. {remedy}")


def _check_config(key: str, value: t.Any) -> None:
    allowed = _CONFIG_VALUES.get(key)
    # Flask reads them so.
    hint = f" In the environment it is JSON: FLASK_{key}="

    if allowed is None and type(value) not in {str, int}:
        raise ValueError(
            f"The configuration has {key} = {value!r}. It is a string.{hint}'\"1e5\"'"
        )

    if allowed is not None and value not in allowed:
        raise ValueError(
            f"The configuration has {key} = {value!r}. It can be one of"
            f" {', '.join(map(repr, allowed))}."
            + (f"{hint}{json.dumps(allowed[-1])}" if isinstance(value, str) else "")
        )


def _check_options(dash_class: type[Dash], options: Mapping[str, t.Any]) -> None:
    known: set[str] = set()

    # A subclass hands further options on to Dash.
    for cls in dash_class.__mro__[:-1]:
        known.update(inspect.signature(cls).parameters)

    known -= {"args", "kwargs", "obsolete"}

    for name in options:
        if name in _REFUSED_OPTIONS:
            raise TypeError(
                f"DashPages got the option {name!r}, which Dash takes for a server of"
                f" its own. {_REFUSED_OPTIONS[name]}"
            )

        if name not in known:
            own = inspect.signature(DashPages.__init__).parameters
            close = difflib.get_close_matches(name, {*known, *own})
            raise TypeError(
                f"DashPages got the option {name!r}, which neither it nor Dash takes."
                + (f" Did you mean {close[0]!r}?" if close else "")
            )


def _checked_prefix(url_prefix: str | None) -> str:
    prefix = str(url_prefix or "").rstrip("/")

    if (prefix and not prefix.startswith("/")) or "<" in prefix:
        raise ValueError(
            f"The url_prefix {url_prefix!r} is not the beginning of a path. It must"
            " begin with '/' and have no variables."
        )

    return prefix


def _checked_inputs(
    inputs: Mapping[str, Input | State],
) -> Mapping[str, Input | State]:
    if not isinstance(inputs, Mapping):
        raise TypeError(
            f"routing_callback_inputs is {inputs!r}. It must be a dict, such as"
            " {'language': Input('language', 'value')}."
        )

    for name, value in inputs.items():
        if (
            not isinstance(value, (Input, State))
            or not str(name).isidentifier()
            or name in {"pathname_", "search_"}
        ):
            raise TypeError(
                f"routing_callback_inputs has {name!r}: {value!r}. It maps names of"
                " arguments other than 'pathname_' and 'search_' to dash.Input or"
                " dash.State."
            )

    return inputs
