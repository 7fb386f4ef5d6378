"""One DashPages on one app: its pages, its Dash instance, its rules."""

from __future__ import annotations

import difflib
import threading
import typing as t
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from functools import partial
from pathlib import Path
from types import ModuleType
from weakref import WeakSet

import flask
from dash import Dash
from dash import html
from dash import Input
from dash import State
from dash.development.base_component import Component
from flask import after_this_request
from flask import Flask
from flask import has_request_context
from flask import request
from flask import request_finished
from flask import request_started
from flask import url_for
from werkzeug.exceptions import InternalServerError
from werkzeug.exceptions import NotFound
from werkzeug.sansio.response import Response

from . import binding
from . import callbacks
from . import compat
from . import discovery
from . import naming
from . import resources
from . import routing
from . import signals
from .alternates import Alternates
from .caching import Caching
from .gates import Gate
from .gates import gate
from .gates import Gates
from .layouts import call
from .layouts import signature
from .modules import PageModules
from .navigation import grouped
from .navigation import Grouping
from .navigation import is_listed
from .navigation import navigation
from .ownership import Ownership
from .page import Declaration
from .page import ERROR_PAGES
from .page import Guard
from .page import Page
from .page import PageError
from .protocol import is_prefetch
from .registry import Defaults
from .registry import make_page
from .registry import Registry
from .resources import Release
from .rules import KnownRules
from .rules import Rules
from .sitemap import lastmod_text
from .views import PageViews
from .visit import Visit
from .visit import Visitors

#: The titles of the pages that are shown for errors if the app has none for them.
ERROR_TITLES = {403: "Forbidden", 404: "Page not found", 500: "Internal server error"}

#: All of the process, since Dash keeps callbacks for the process.
_living: WeakSet[BoundPages] = WeakSet()
_living_lock = threading.Lock()


class Reading(t.NamedTuple):
    """What a declaration asks for."""

    declaration: Declaration
    page: Page
    #: The rules that show the page.
    rules: list[str]
    #: Those that redirect to it.
    redirects: list[str]


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
        known_rules: KnownRules,
        folder: Path | None,
        guards: tuple[Guard, ...],
        roots: Iterable[str],
        inputs: Mapping[str, Input | State],
        dash_class: type[Dash],
        dash_options: Mapping[str, t.Any],
    ) -> None:
        self.blueprint = blueprint
        self.blueprint.host = host
        #: The name under which the blueprint is registered.
        self.blueprint_name = f"{name_prefix}.{blueprint.name}".lstrip(".")
        self.registry = Registry()
        self.rules = Rules(
            app,
            self.blueprint_name,
            url_prefix=url_prefix,
            subdomain=subdomain,
            host=host,
            known=known_rules,
        )
        self.modules = PageModules(app.import_name, app.root_path, folder, set(roots))
        #: What is the same for all visits. Empty until the app serves.
        self.release = Release()
        self._guards = guards
        self._app = app
        self._name_prefix = name_prefix
        self.folder = folder
        self._declared: dict[int, Declaration] = {}
        self._readings: dict[Page, Reading] = {}
        self._gates = Gates(app.ensure_sync, app.logger)
        self._is_registered = False
        self._is_started = False
        #: What was found when it started: a page, and what is wrong with it.
        self.problems: list[tuple[Page, str]] = []
        #: Whether answers may be others for each visitor.
        self._has_guards = False
        self._start_lock = threading.Lock()

        with compat.stock_globals_kept():
            self.dash = binding.create_dash(
                dash_class,
                blueprint,
                self.enter,
                self._claim,
                lambda: self._views.list_callbacks(),
                lambda output: self._views.refuse(output),
                import_name=app.import_name,
                prefix=f"{url_prefix}/",
                options=dash_options,
            )

        assets = Path(blueprint.static_folder or "")
        title = self.dash.config.title
        self._defaults = Defaults(
            packages=(self.modules.package, folder.name) if folder else (),
            title=None if title == "Dash" else title,
            description=self.dash.config.description or "",
            assets=tuple(sorted(f.name for f in assets.glob("*") if f.is_file())),
            # Not the method: copying a page would copy the Dash instance.
            relative=lambda path: self.dash.get_relative_path(path),  # type: ignore[no-untyped-call]
        )
        self.rules.reserve(
            {
                **{route: naming.slug(route) for route in self.dash.routes},
                f"{blueprint.static_url_path}/<path:filename>": "static",
                resources.RULE: "resource",
            }
        )
        #: Where the pages are in other languages.
        self.alternates = Alternates(
            app.url_map.converters, url_prefix, self._all_registries
        )
        of_options = callbacks.defining_modules(self.dash, {}).keys()
        ordered_inputs = binding.add_routing_callbacks(self.dash, inputs)
        own_outputs = callbacks.defining_modules(self.dash, {}).keys() - of_options
        #: The callbacks, and what owns them.
        self.ownership = Ownership(self.dash, self.modules, guards, own_outputs)
        self._default_pages = {
            status: self._default_page(module, status)
            for module, status in ERROR_PAGES.items()
        }
        self._views = PageViews(
            dash=self.dash,
            visitors=Visitors(
                registry=self.registry,
                send=partial(signals.send, app),
                ensure_sync=app.ensure_sync,
                inputs=frozenset(inputs),
                default_pages=self._default_pages,
            ),
            enter=self.enter,
            inputs=ordered_inputs,
            get_release=self.get_release,
            may_call=self._gates.may_call,
            endpoints={self.rules.unknown_path.endpoint},
            guarded=set(),
            alternates=self.alternates,
        )
        blueprint.add_url_rule(resources.RULE, "resource", self._views.resource)
        self.caching = Caching(
            app.config,
            self.blueprint_name,
            self._views.endpoints,
            self._views.guarded,
            lambda: self._has_guards,
            lambda: self.release,
        )
        blueprint.before_request(self._views.check_request)
        # Flask calls the last one first.
        blueprint.after_request(self.caching.finish_resource)
        blueprint.after_request(self._views.finish)
        blueprint.register_error_handler(InternalServerError, self._views.failed)

    # Setting up

    def set_layout(self, layout: t.Any) -> None:
        """Set the shell around the pages."""
        if callable(layout):
            self.modules.shell = getattr(layout, "__module__", None)
            self.dash.layout = self._app.ensure_sync(layout)
        else:
            self.modules.shell = None
            self.dash.layout = layout

    def discover(self) -> None:
        """Import the page files."""
        if self.folder is None:
            return

        with self._importing():
            self.modules.claim(self.folder)

        for module, declared in discovery.import_pages(
            self.folder,
            self.modules.package,
            self.modules.claimed,
            self._importing,
            self._on_error,
        ):
            self.modules.add(module)

            for declaration in declared.pages:
                self.declare(declaration)

    def _on_error(self, module: str, file: Path, error: PageError) -> None:
        """Make a page that fails of a file that cannot be imported, if the app wants
        that.
        """
        if self._app.config["DASH_PAGES_IMPORT_ERRORS"] == "raise":
            raise error

        self._app.logger.error(
            "%s It is shown as a page with status 500.", error, exc_info=error
        )

        def layout() -> t.NoReturn:
            # Each thread gets one of its own.
            raise PageError(str(error)) from error.__cause__

        if not self.ownership.pages_in(module):
            arguments = compat.bind_arguments(module, layout=layout)
            declaration = compat.declaration_of(arguments)
            self.declare(replace(declaration, file=str(file), line=1))

        for page in self.ownership.pages_in(module):
            default = self._default_pages.get(page.error_status or 0)
            page.layout = layout if default is None else default.layout
            # It may be one with a guard.
            page.noindex = True

    def _default_page(self, module: str, status: int) -> Page:
        """What is shown for an error if the registry has no page for it."""
        title = ERROR_TITLES[status]
        heading = html.H1(f"{status} - {title}")

        def layout() -> t.Any:
            hints = self._added_later() if status == 404 and self._app.debug else ()
            return [heading, *map(html.P, hints)] if hints else heading

        arguments = compat.bind_arguments(module, title=title, image="", layout=layout)
        declaration = compat.declaration_of(arguments)
        return make_page(declaration, self._defaults, self.rules.free_endpoint)

    def _added_later(self) -> list[str]:
        """What is wrong with page files that are not served yet."""
        if self.folder is None:
            return []

        # Those that could not be imported have a page.
        known = self.modules.paths | self._sources()
        return list(discovery.added_later(self.folder, known))

    def _sources(self) -> set[str]:
        """The files that have registered pages."""
        return {page.source.rpartition(":")[0] for page in self.registry.values()}

    def declare(self, declaration: Declaration) -> None:
        """Add a page. Another time the same declaration does nothing.

        :raises PageError: If it cannot be added.
        :raises RuntimeError: If the app has already served.
        """
        if id(declaration) in self._declared:
            return

        self.refuse_if_served(f"register_page({declaration.module!r})")
        reading = self.read(declaration)
        page = reading.page
        self.alternates.add(page)

        if self._is_registered:
            self._check_layout(page)

        self.registry.add(page, reading.rules, reading.redirects)
        self.registry.aliases[declaration.module] = page.module
        self._declared[id(declaration)] = declaration
        self.rules.take_endpoint(page.endpoint)
        self._readings[page] = reading

        # A function of the app may register pages for others.
        modules = set(filter(self.modules.is_in_folder, declaration.modules))
        self.ownership.add(page, modules | {str(declaration.module)})

        if self._is_registered:
            self._set_guards(page)
            self._open(page)
            self._announce(page)

    def read(self, declaration: Declaration) -> Reading:
        """Read a declaration. Nothing is added.

        :raises PageError: If it cannot be added.
        """
        name = self.modules.page_name(str(declaration.module))
        page = make_page(
            replace(declaration, module=name),
            self._defaults,
            self.rules.free_endpoint,
        )
        converters = self._app.url_map.converters

        for rule in (page.path_template, page.path, *(page.redirect_from or ())):
            if rule is not None:
                routing.check_rule(rule, source=page.source, converters=converters)

        rules = routing.page_rules(page, converters)
        redirects = routing.page_redirects(page, converters)
        self._check_texts(page, rules)
        self.rules.check(page, [*rules, *redirects])
        return Reading(declaration, page, rules, redirects)

    def _set_guards(self, page: Page) -> None:
        """Put the guards around a page before its own."""
        declaration = self._readings[page].declaration
        modules = {str(declaration.module), *declaration.modules}

        if page.has_guards:
            page.guard = self._guards_around(modules) + page.guard

            for guard in page.guard:
                self._check_sync("guard", guard, page)
        elif self._guards_around(modules) != self._guards_around(
            [self.modules.claimed]
        ):
            raise PageError(
                f"The error page {page.module!r} in {page.source} is in a folder with a"
                " guard, but it is shown to everybody who meets the error. Move it out"
                " of the folder."
            )

    def _guards_around(self, modules: Iterable[str]) -> tuple[Guard, ...]:
        """The guards of the app and of the folders that modules are in."""
        return self._guards + self.modules.folder_guards(modules)

    def register(self) -> None:
        """Register the blueprint and the pages on the app."""
        for page in self.registry.values():
            self._check_layout(page)
            self._set_guards(page)

        not_found = self._default_pages[404]
        not_found.guard = self._guards_around(
            [f"{self.modules.claimed}.{not_found.module}"]
        )

        if self._views.visitors.error_page(404).guard:
            self._views.guarded.add(self.rules.unknown_path.endpoint)

        self.rules.check_blueprint()
        self.ownership.replay()
        self._app.register_blueprint(
            self.blueprint,
            url_prefix=self.rules.url_prefix or None,
            name_prefix=self._name_prefix,
            subdomain=self.rules.subdomain,
        )
        self._app.view_functions[self.rules.unknown_path.endpoint] = (
            self._views.not_found
        )
        request_started.connect(take_unknown_path, self._app)
        request_finished.connect(finish_response, self._app)
        self._is_registered = True

        with _living_lock:
            _living.add(self)

        for page in self.registry.values():
            self._open(page)

    def announce(self) -> None:
        """Tell of the pages, when everything about them can be asked for."""
        for page in self.registry.values():
            self._announce(page)

    def _announce(self, page: Page) -> None:
        signals.send(self._app, signals.page_registered, page=page)

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

    def _check_sync(self, what: str, function: t.Any, page: Page) -> None:
        try:
            if callable(function):
                self._app.ensure_sync(function)
        except RuntimeError as e:
            raise PageError(
                f"The {what} of {page.module!r} in {page.source} is a coroutine"
                " function. Install what it needs: pip install"
                ' "Flask-Dash-Pages[async]"'
            ) from e

    def _check_layout(self, page: Page) -> None:
        module = self.modules.get(page.module)

        if page.supplied_layout is None and module is not None:
            page.layout = getattr(module, "layout", None)

        if page.layout is None:
            raise PageError(
                f"The page {page.module!r} in {page.source} has no layout."
                + _layout_remedy(page.module, module)
            )

        self._check_sync("layout", page.layout, page)

    def _check_texts(self, page: Page, rules: list[str]) -> None:
        given = set(naming.variable_names(page.path_template or ""))

        for rule in rules:
            given.intersection_update(naming.variable_names(rule))

        for name in ("title", "description", "json_ld", "lastmod"):
            function = getattr(page, name)
            needed = set(signature(function).required) if callable(function) else set()
            missing = needed - given

            if missing:
                names = ", ".join(map(repr, sorted(given))) or "none"
                raise PageError(
                    f"The function for the {name} of {page.module!r} in {page.source}"
                    f" requires {min(missing)!r}, which is not a variable of all paths"
                    f" of the page. Those are: {names}. Rename it, or give it a default"
                    f" value: {min(missing)}=None."
                )

    def _open(self, page: Page) -> None:
        # What is set from now on is for this app.
        page.items_to_keep = None
        methods = self._views.methods
        view = self._views.page(page)
        _, _, rules, redirects = self._readings[page]

        for rule in rules:
            self.rules.add(rule, page.endpoint, view, methods=methods)

        if redirects:
            word = f"{page.endpoint.rpartition('.')[2]}_redirect"
            endpoint = self.rules.free_endpoint(word)
            self.rules.take_endpoint(endpoint)
            code = self._app.config["DASH_PAGES_REDIRECT_CODE"]
            view = self._views.redirect(page, endpoint, code)

            for rule in redirects:
                self.rules.add(rule, endpoint, view, methods=methods)

    def _claim(self) -> None:
        """Give Dash the callbacks that were defined by ``@dash.callback`` elsewhere
        than in page files, such as those of the shell.
        """
        if not self._is_started and not compat.has_stock_app():
            sections = [b.modules for b in self._bounds() if b is not self]
            self.ownership.claim(sections, self._modules_of_apps())

    def _modules_of_apps(self) -> Iterator[PageModules]:
        """The modules of other apps with guards."""
        with _living_lock:
            # Apps that are gone may be among them for a while.
            living = list(_living)

        return (b.modules for b in living if b is not self and b.has_guards())

    def _bounds(self) -> list[BoundPages]:
        """All of the app."""
        return list(self._app.extensions["dash_pages"].values())

    def _all_registries(self) -> list[Registry]:
        others = [bound.registry for bound in self._bounds() if bound is not self]
        return [self.registry, *others]

    def has_guards(self) -> bool:
        """Whether there is a page that not everybody may see."""
        return bool(self._guards) or any(p.guard for p in self.registry.values())

    # Serving

    def is_page(self, endpoint: str | None) -> bool:
        """Whether the endpoint is that of a page or a redirect to one."""
        return endpoint in self._views.endpoints

    def takes_unknown_path(self) -> bool:
        """Whether the current request, which no rule takes, is one for a page here."""
        return self.rules.takes_request() and self._views.takes_unknown_path()

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

            self.rules.check_added_later()
            self.problems = self.alternates.resolve()

            for _, problem in self.problems:
                self._app.logger.error(problem)

            self._claim()

            self._has_guards = self.has_guards()

            if any(bound.has_guards() for bound in self._bounds()):
                self._put_gates()

            self._make_release = binding.start(self.dash)
            self._kept_releases = lru_cache(maxsize=64)(self._release_behind)
            self.release = self._make_release(frozenset())
            self._is_started = True

            for problem in [*self.strays(), *self.leftovers()]:
                self._app.logger.warning(problem)

    def strays(self) -> list[str]:
        """What is wrong with files that look as if they were meant to be pages."""
        if self.folder is None:
            return []

        found = list(discovery.strays(self.folder, self._sources()))

        if not found and not self.registry:
            found.append(
                f"The folder '{self.folder}' has no pages. Page files have names that"
                " end with .py, and call register_page."
            )

        return found

    def leftovers(self) -> list[str]:
        """What is wrong with attributes that only a Dash app has, or a DashPages."""
        found = [
            f"The Flask app has got the attribute {name!r}, which has no effect. Set it"
            f" on Dash: DashPages({name}=...)."
            for name in ("index_string", "layout", "title")
            if name in vars(self._app)
        ]

        package = self.modules.package

        if package not in self.registry and self.modules.was_given_layout():
            found.append(
                f"The package {package!r} has got the attribute 'layout',"
                " which has no effect. 'import pages.home' gives the name 'pages' to"
                " the package: write 'from pages import home', or give the DashPages"
                " another name."
            )

        return found

    # Telling of pages

    @property
    def title(self) -> str | None:
        """The title that was given to the DashPages."""
        return self._defaults.title

    @property
    def description(self) -> str:
        """The description that was given to the DashPages."""
        return self._defaults.description

    def text(
        self, value: str | Callable[..., str], variables: Mapping[str, t.Any]
    ) -> str:
        """The title or the description of a page."""
        return self._views.visitors.text(value, variables)

    def lastmod(self, page: Page, variables: Mapping[str, t.Any]) -> str | None:
        """When a page was changed, as a sitemap has it. ``None`` if it does not say.

        :raises ValueError: If what its function returns cannot be used.
        """
        value = page.lastmod

        if callable(value):
            value = call(value, variables, self._app.ensure_sync)

        return None if value is None else lastmod_text(value)

    # Guarding

    def visible_pages(self) -> list[Page]:
        """The pages that the current visitor may see, in order."""
        return self._gates.visible(
            page for page in self.registry.values() if page.error_status is None
        )

    def navigation(
        self,
        group: Grouping = None,
        *,
        include: Callable[[Page], bool] = lambda page: True,
        name: str = "pages-nav",
        label: str = "Pages",
    ) -> Component:
        """See :meth:`DashPages.navigation`."""
        pages = [p for p in self.visible_pages() if is_listed(p) and include(p)]
        is_elsewhere = has_request_context() and not self.rules.takes_host()
        is_shown = has_request_context() and not is_elsewhere
        return navigation(
            grouped(pages, group, self.modules.package),
            url_of=lambda page: (
                url_for(page.endpoint) if is_elsewhere else page.relative_path
            ),
            path=request.script_root + request.path if is_shown else "",
            name=name,
            label=label,
        )

    def get_release(self) -> Release:
        """What the current visitor gets: without the callbacks of pages that they may
        not see.
        """
        closed = self._gates.closed()
        is_complete = not closed and not self._gates.has_nobody
        return self.release if is_complete else self._kept_releases(closed)

    def _release_behind(self, closed: frozenset[Gate]) -> Release:
        return self._make_release(self._gates.hidden(closed))

    def paths(self, page: Page) -> tuple[list[str], list[str]]:
        """The rules that show ``page``, and those that redirect to it. They have the
        prefix.
        """
        _, _, *both = self._readings[page]
        rules, redirects = (
            [self.rules.url_prefix + rule for rule in rules] for rules in both
        )
        return rules, redirects

    def browser_inputs(self, page: Page) -> list[str]:
        """The names of the values that the layout of ``page`` takes and that only the
        browser knows.
        """
        return self._views.inputs if self._views.visitors.needs_browser(page) else []

    def preview(
        self, page: Page, inputs: Mapping[str, t.Any] | None = None
    ) -> Visit | Response:
        """What ``page`` shows for the current request, with no guard asked and nobody
        told.
        """
        with self.enter():
            return self._views.preview(page, inputs)

    def _put_gates(self) -> None:
        owners = self.ownership.find()
        around = gate(self._default_pages[404], self._guards)
        self._gates.put_before(owners, around)
        orphans = [output for output, found in owners.items() if not all(found)]

        if orphans:
            self._app.logger.warning(
                "Nobody may call the callbacks %s, since neither a page nor the app is"
                " known to import the modules that define them, and some pages have"
                " guards. Import them in %r.",
                ", ".join(map(repr, orphans)),
                self._app.import_name,
            )


def _layout_remedy(name: str, module: ModuleType | None) -> str:
    if module is None:
        return (
            f" {name!r} is not the module of a page file. Use __name__ there, or give a"
            " layout to register_page."
        )

    names = set(vars(module)) - {"layout"}
    close = difflib.get_close_matches("layout", names, n=1)
    return (
        " Define a variable or a function that is named 'layout' in the file"
        + (f" (there is {close[0]!r})" if close else "")
        + ", or give one to register_page."
    )


def finish_response(app: Flask, response: flask.Response, **extra: t.Any) -> None:
    """Receives ``request_finished``, which is sent when no function of the app can
    change the response any more. It is one for all apps: blinker forgets methods of
    what is gone, in a way that other threads must not come across.
    """
    bounds: Iterable[BoundPages] = app.extensions.get("dash_pages", {}).values()

    for bound in bounds:
        bound.caching.finish(response)


def take_unknown_path(app: Flask, **extra: t.Any) -> None:
    """Receives ``request_started``, which is sent when the rules were matched and
    before any function of the app is called. Leads a request that no rule takes to the
    DashPages whose prefix fits best, so that its blueprint's functions are called. A
    link under the pointer may lead to anything: fetching it must only call pages.
    """
    bounds: Iterable[BoundPages] = app.extensions.get("dash_pages", {}).values()

    if is_prefetch():
        if any(bound.is_page(request.endpoint) for bound in bounds):
            return
    elif not isinstance(request.routing_exception, NotFound):
        return

    takers = [bound for bound in bounds if bound.takes_unknown_path()]

    if takers:
        request.url_rule = max(
            (bound.rules.unknown_path for bound in takers),
            key=lambda rule: len(rule.rule),
        )
        request.view_args = {}
        request.routing_exception = None
    elif any(bound.rules.takes_request() for bound in bounds):
        # Others would have got a page.
        after_this_request(_vary_by_accept)


def _vary_by_accept(response: flask.Response) -> flask.Response:
    response.vary.add("Accept")
    return response
