"""The extension: configuration and wiring."""

from __future__ import annotations

import difflib
import inspect
import sys
import threading
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from types import ModuleType
from weakref import WeakSet

import flask
from dash import Dash
from dash import Input
from dash import page_container
from dash import State
from flask import Blueprint
from flask import current_app
from flask import Flask
from flask.blueprints import BlueprintSetupState

from . import binding
from . import callbacks
from . import compat
from . import declarations
from . import discovery
from . import naming
from . import routing
from . import signals
from .imports import reachable
from .layouts import signature
from .page import Declaration
from .page import Page
from .page import PageError
from .registry import Defaults
from .registry import make_page
from .registry import Registry
from .views import default_content
from .views import PageViews
from .views import UNKNOWN_METHODS
from .visit import Visitors

T_function = t.TypeVar("T_function", bound=Callable[..., t.Any])
T_value = t.TypeVar("T_value")

#: The configuration keys and their default values.
DEFAULT_CONFIG: Mapping[str, t.Any] = {
    "DASH_PAGES_CANONICAL": True,
    "DASH_PAGES_DEV_TOOLS": None,
    "DASH_PAGES_REDIRECT_CODE": 301,
}

_CONFIG_VALUES: Mapping[str, tuple[t.Any, ...]] = {
    "DASH_PAGES_CANONICAL": (True, False),
    "DASH_PAGES_DEV_TOOLS": (None, True, False),
    "DASH_PAGES_REDIRECT_CODE": (301, 302, 303, 307, 308),
}

#: Options of Dash that have no meaning on a Flask app, and what does their work.
_REFUSED_OPTIONS = {
    "backend": "Dash is bound to a blueprint of the Flask app.",
    "compress": "Use Flask-Compress on the Flask app.",
    "requests_pathname_prefix": (
        "Use url_prefix for the app's own prefix, and Werkzeug's ProxyFix for one that"
        " a proxy adds."
    ),
    "routes_pathname_prefix": "Use url_prefix.",
    "server": "Give the Flask app to DashPages or to init_app.",
    "url_base_pathname": "Use url_prefix.",
    "use_pages": "Leave it out.",
}


class BoundPages:
    """One :class:`DashPages` on one app, at
    ``app.extensions["dash_pages"][name]``.
    """

    def __init__(
        self,
        app: Flask,
        blueprint: binding.PagesBlueprint,
        *,
        name_prefix: str,
        url_prefix: str,
        subdomain: str | None,
        host: str | None,
        folder: Path | None,
        inputs: Mapping[str, Input | State],
        dash_class: type[Dash],
        dash_options: Mapping[str, t.Any],
    ) -> None:
        self.blueprint = blueprint
        self.blueprint.host = host
        #: The name under which the blueprint is registered.
        self.blueprint_name = f"{name_prefix}.{blueprint.name}".lstrip(".")
        self.registry = Registry()
        #: A text that changes when the callbacks or the bundles change. Empty until
        #: the app serves.
        self.version = ""
        self._app = app
        self._name_prefix = name_prefix
        self._url_prefix = url_prefix
        self._subdomain = subdomain
        self._host = host
        self._folder = folder
        self._package = ".".join(_package_parts(app, folder)) if folder else ""
        self._modules: list[ModuleType] = []
        self._declared: dict[int, Declaration] = {}
        self._given: dict[int, dict[str, t.Any]] = {}
        self._is_registered = False
        self._is_started = False
        self._start_lock = threading.Lock()

        with compat.stock_globals_kept():
            self.dash = binding.create_dash(
                dash_class,
                blueprint,
                self.enter,
                import_name=app.import_name,
                prefix=f"{url_prefix}/",
                options=dash_options,
            )

        assets = Path(blueprint.static_folder or "")
        title = self.dash.config.title
        self._defaults = Defaults(
            packages=(self._package, folder.name) if folder else (),
            title=None if title == "Dash" else title,
            description=self.dash.config.description or "",
            assets=tuple(sorted(f.name for f in assets.glob("*") if f.is_file())),
            relative=self.dash.get_relative_path,
        )
        words = {"static", "not_found", *map(naming.slug, self.dash.routes)}
        self._endpoints = {f"{self.blueprint_name}.{word}" for word in words}
        self._views = PageViews(
            dash=self.dash,
            visitors=Visitors(
                registry=self.registry,
                send=partial(signals.send, app),
                ensure_sync=app.ensure_sync,
                inputs=frozenset(inputs),
                default_content=default_content,
            ),
            enter=self.enter,
            inputs=binding.add_routing_callbacks(self.dash, inputs),
            blueprint_name=self.blueprint_name,
            get_version=lambda: self.version,
        )

    # Setting up

    def discover(self) -> None:
        """Import the page files."""
        if self._folder is None:
            return

        for module, declared in discovery.import_pages(
            Path(self._app.root_path).resolve(),
            self._folder,
            self._package,
            self._importing,
        ):
            self._modules.append(module)

            for declaration in declared.pages:
                self.declare(declaration)

    def declare(self, declaration: Declaration) -> None:
        """Add a page. Another time the same declaration does nothing.

        :raises PageError: If it cannot be added.
        :raises RuntimeError: If the app has already served.
        """
        if id(declaration) in self._declared:
            return

        self.refuse_if_served(f"register_page({declaration.module!r})")
        page = make_page(declaration, self._defaults, self._endpoint)
        converters = self._app.url_map.converters

        for rule in (page.path_template, page.path, *(page.redirect_from or ())):
            if rule is not None:
                routing.check_rule(rule, source=page.source, converters=converters)

        rules = routing.page_rules(page, converters)
        redirects = routing.page_redirects(page, converters)
        self._check_texts(page, rules)

        if self._is_registered:
            self._check_layout(page)

        self.registry.add(page, rules, redirects)
        self._declared[id(declaration)] = declaration
        self._endpoints.add(page.endpoint)

        if self._is_registered:
            self._open(page)

    def register(self) -> None:
        """Register the blueprint and the pages on the app."""
        for page in self.registry.values():
            self._check_layout(page)

        self._replay_owned()
        self._app.register_blueprint(
            self.blueprint,
            url_prefix=self._url_prefix or None,
            name_prefix=self._name_prefix,
            subdomain=self._subdomain,
        )
        self._app.url_map.converters[routing.CONVERTER] = routing.UnknownPathConverter
        self._add_rule(
            routing.UNKNOWN_PATH,
            f"{self.blueprint_name}.not_found",
            self._views.not_found,
            methods=UNKNOWN_METHODS,
            provide_automatic_options=False,
        )
        self._is_registered = True

        for page in self.registry.values():
            self._open(page)

    def refuse_if_served(self, what: str) -> None:
        """
        :raises RuntimeError: If the app has handled its first request.
        """
        if self._app._got_first_request:
            raise RuntimeError(
                f"{what} was called after the app {self._app.name!r} had served a"
                " request. Other workers would not know of it. Call it before, where"
                " the app is made."
            )

    @contextmanager
    def _importing(self) -> Iterator[None]:
        with self._app.app_context(), compat.importing(self), callbacks.harvest():
            yield

    def _endpoint(self, word: str) -> str:
        endpoint = first = f"{self.blueprint_name}.{word}"
        number = 1

        while endpoint in self._endpoints:
            number += 1
            endpoint = f"{first}_{number}"

        return endpoint

    def _check_layout(self, page: Page) -> None:
        module = sys.modules.get(page.module)

        if page.supplied_layout is None and module in self._modules:
            page.layout = getattr(module, "layout", None)

        if page.layout is None:
            close = difflib.get_close_matches("layout", vars(module) if module else ())
            raise PageError(
                f"The page {page.module!r} in {page.source} has no layout. Define a"
                " variable or a function that is named 'layout' in the file"
                + (f" (there is {close[0]!r})" if close else "")
                + ", or give one to register_page."
            )

        try:
            if callable(page.layout):
                self._app.ensure_sync(page.layout)
        except RuntimeError as e:
            raise PageError(
                f"The layout of {page.module!r} in {page.source} is a coroutine"
                f" function. {e}"
            ) from e

    def _check_texts(self, page: Page, rules: list[str]) -> None:
        given = set(naming.variable_names(page.path_template or ""))

        for rule in rules:
            given.intersection_update(naming.variable_names(rule))

        for name in ("title", "description"):
            function = getattr(page, name)
            needed = set(signature(function).required) if callable(function) else set()
            missing = needed - given

            if missing:
                raise PageError(
                    f"The function for the {name} of {page.module!r} in {page.source}"
                    f" requires {min(missing)!r}, which is not a variable of all paths"
                    f" of the page. Give it a default value: {min(missing)}=None."
                )

    def _open(self, page: Page) -> None:
        methods = self._views.methods
        view = self._views.page(page)
        converters = self._app.url_map.converters

        for rule in routing.page_rules(page, converters):
            self._add_rule(rule, page.endpoint, view, methods=methods)

        if page.redirect_from:
            endpoint = self._endpoint(f"{page.endpoint.rpartition('.')[2]}_redirect")
            self._endpoints.add(endpoint)
            code = self._app.config["DASH_PAGES_REDIRECT_CODE"]
            view = self._views.redirect(page, code)

            for rule in routing.page_redirects(page, converters):
                self._add_rule(rule, endpoint, view, methods=methods)

        signals.send(self._app, signals.page_registered, page=page)

    def _add_rule(
        self, rule: str, endpoint: str, view: Callable[..., t.Any], **options: t.Any
    ) -> None:
        # Pages can be added after the blueprint was registered. Flask counts an
        # endpoint as the blueprint's by its name.
        self._app.add_url_rule(
            self._url_prefix + rule,
            endpoint,
            view,
            subdomain=self._subdomain,
            host=self._host,
            **options,
        )

    def _replay_owned(self) -> None:
        """Give Dash the callbacks of the page files and of what they import."""
        modules = self._modules
        names = {module.__name__ for module in modules}
        waiting = callbacks.unclaimed()

        if waiting.specs or declarations.declaring_modules() - names:
            modules = reachable(modules, self._is_project_module, _imported_by)
            names = {module.__name__ for module in modules}

        owned = [
            declared.callbacks
            for module in modules
            if (declared := declarations.declared(module)) is not None
        ]
        owned.append(callbacks.owned_by(waiting, names))
        callbacks.replay(self.dash, owned, self._given)

    def _is_project_module(self, module: ModuleType) -> bool:
        if module in self._modules:
            return True

        file = getattr(module, "__file__", None)

        if not file or "site-packages" in file:
            return False

        package = sys.modules.get(self._app.import_name.partition(".")[0])
        folders = [self._app.root_path, *getattr(package, "__path__", ())]
        return any(Path(file).is_relative_to(folder) for folder in folders)

    # Serving

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Entered around each view."""
        with compat.serving(self):
            if not self._is_started:
                self._start()

            yield

    def _start(self) -> None:
        # All threads wait until the first one is done.
        with self._start_lock:
            if self._is_started:
                return

            if not compat.has_stock_app():
                # Callbacks that were defined by @dash.callback elsewhere than in page
                # files, such as those of the shell.
                callbacks.replay(self.dash, [callbacks.unclaimed()], self._given)

            debug = self._app.config["DASH_PAGES_DEV_TOOLS"]
            self.version = binding.start(
                self.dash, self._app.debug if debug is None else debug
            )
            self._is_started = True


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
    :param guard: Must be ``None``. Guards are not supported yet.
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
        guard: None = None,
        routing_callback_inputs: Mapping[str, Input | State] | None = None,
        subdomain: str | None = None,
        host: str | None = None,
        dash_class: type[Dash] = Dash,
        **dash_options: t.Any,
    ) -> None:
        if guard is not None:
            raise TypeError(
                "DashPages got a 'guard', which this version does not have yet. Protect"
                " the pages by a before_request function."
            )

        _check_options(dash_class, dash_options)
        self.name = name
        self._url_prefix = _checked_prefix(url_prefix)
        self._pages_folder = pages_folder
        self._inputs = _checked_inputs(routing_callback_inputs or {})
        self._subdomain = subdomain
        self._host = host
        self._dash_class = dash_class
        self._dash_options = dash_options
        self._layout = page_container if layout is None else layout
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
        else:
            self._init(app, name_prefix="", url_prefix="", subdomain=None)

    def _init_blueprint(self, state: BlueprintSetupState) -> None:
        self._init(
            t.cast(Flask, state.app),
            name_prefix=f"{state.name_prefix}.{state.name}".lstrip("."),
            url_prefix=(state.url_prefix or "").rstrip("/"),
            subdomain=state.subdomain,
        )

    def _init(
        self, app: Flask, *, name_prefix: str, url_prefix: str, subdomain: str | None
    ) -> None:
        extensions = app.extensions.get("dash_pages", {})

        if self.name in extensions or self.name in app.blueprints:
            what = "DashPages" if self.name in extensions else "blueprint"
            raise RuntimeError(
                f"The app {app.name!r} has a {what} named {self.name!r} already. Call"
                " init_app once for each app, or give this one another name:"
                " DashPages(name=...)."
            )

        for key, value in DEFAULT_CONFIG.items():
            app.config.setdefault(key, value)

            if app.config[key] not in _CONFIG_VALUES[key]:
                raise ValueError(
                    f"The configuration has {key} = {app.config[key]!r}. It can be one"
                    f" of {', '.join(map(repr, _CONFIG_VALUES[key]))}."
                )

        callbacks.install()
        options = {
            "add_log_handler": False,
            "suppress_callback_exceptions": True,
            "assets_folder": "assets",
            **self._dash_options,
        }
        options["assets_folder"] = str(Path(app.root_path, options["assets_folder"]))
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
            folder=self._find_folder(app),
            inputs=self._inputs,
            dash_class=self._dash_class,
            dash_options=options,
        )
        bound.dash.layout = self._layout
        self._bound.add(bound)

        try:
            bound.discover()

            for function in self._deferred:
                function(bound)

            bound.register()
        except BaseException:
            self._bound.discard(bound)
            raise

        app.extensions.setdefault("dash_pages", {})[self.name] = bound

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
        if self._find_bound() is None:
            self._layout = value

        self._apply(
            "DashPages.layout", lambda bound: setattr(bound.dash, "layout", value)
        )

    def register_page(self, module: str, *args: t.Any, **kwargs: t.Any) -> None:
        """Register a page, with the arguments of :func:`register_page`. With an app
        active, it is that app's. Otherwise it is added to all apps.

        :raises RuntimeError: If the app has already served.
        """
        if self._find_bound() is not None:
            compat.register_page(module, *args, **kwargs)
            return

        arguments = compat.bind_arguments(module, *args, **kwargs)
        declaration = compat.declaration_of(arguments)
        self._apply(
            f"register_page({module!r})", lambda bound: bound.declare(declaration)
        )

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
        current = self._find_bound()
        targets = list(self._bound) if current is None else [current]

        for bound in targets:
            bound.refuse_if_served(what)

        if current is None:
            self._deferred.append(function)

        for bound in targets:
            function(bound)

    def _find_bound(self) -> BoundPages | None:
        served = compat.find_served()

        if served in self._bound:
            return t.cast(BoundPages, served)

        if not current_app:
            return None

        bound = current_app.extensions.get("dash_pages", {}).get(self.name)
        return bound if bound in self._bound else None

    def _get_bound(self, what: str) -> BoundPages:
        bound = self._find_bound()

        if bound is not None:
            return bound

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
    prefix = (url_prefix or "").rstrip("/")

    if (prefix and not prefix.startswith("/")) or "<" in prefix:
        raise ValueError(
            f"The url_prefix {url_prefix!r} is not the beginning of a path. It must"
            " begin with '/' and have no variables."
        )

    return prefix


def _checked_inputs(
    inputs: Mapping[str, Input | State],
) -> Mapping[str, Input | State]:
    for name, value in inputs.items():
        if not isinstance(value, (Input, State)) or name in {"pathname_", "search_"}:
            raise TypeError(
                f"routing_callback_inputs has {name!r}: {value!r}. It maps names other"
                " than 'pathname_' and 'search_' to dash.Input or dash.State."
            )

    return inputs


def _package_parts(app: Flask, folder: Path) -> tuple[str, ...]:
    """The name of the package that page files in ``folder`` are modules of."""
    root = Path(app.root_path).resolve()
    return naming.module_package(root, _root_package(app), folder)


def _root_package(app: Flask) -> str:
    """The package that the app's ``root_path`` is the folder of, or an empty string."""
    module = sys.modules.get(app.import_name)

    if hasattr(module, "__path__"):
        name = app.import_name
    elif app.import_name == "__main__":
        name = getattr(getattr(module, "__spec__", None), "parent", "")
    else:
        name = app.import_name.rpartition(".")[0]

    package = sys.modules.get(name)
    return name if app.root_path in getattr(package, "__path__", ()) else ""


def _imported_by(module: ModuleType) -> set[str]:
    declared = declarations.declared(module)
    return set() if declared is None else declared.imported
