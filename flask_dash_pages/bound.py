"""One DashPages on one app: its pages, its Dash instance, its rules."""

from __future__ import annotations

import difflib
import sys
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

from dash import Dash
from dash import html
from dash import Input
from dash import State
from flask import Flask
from flask import request
from flask import request_finished
from flask import request_started
from werkzeug.exceptions import InternalServerError
from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule

from . import binding
from . import callbacks
from . import compat
from . import declarations
from . import discovery
from . import naming
from . import resources
from . import routing
from . import signals
from .caching import Caching
from .gates import Gate
from .gates import gate
from .gates import Gates
from .imports import import_graph
from .imports import is_installed
from .layouts import signature
from .owners import Owners
from .owners import owners_of_modules
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
from .views import PageViews
from .visit import Visitors

#: The titles of the pages that are shown for errors if the app has none for them.
ERROR_TITLES = {403: "Forbidden", 404: "Page not found", 500: "Internal server error"}

#: What tells rules apart: rule, subdomain and host.
RuleKey = tuple[str, str, str]


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
        #: The rule of requests for paths below the prefix that no rule takes. It is not
        #: among the rules of the app, where it would hide what the others do not take.
        self.unknown_path_rule = Rule(
            f"{url_prefix}/<path:unknown>", endpoint=f"{self.blueprint_name}.not_found"
        )
        #: What is the same for all visits. Empty until the app serves.
        self.release = Release()
        self._guards = guards
        self._app = app
        self._name_prefix = name_prefix
        self._url_prefix = url_prefix
        self._subdomain = subdomain
        self._host = host
        self._folder = folder
        self._package = ".".join(_package_parts(app, folder)) if folder else ""
        #: The package that the page files are modules of. Not the same if another app
        #: has pages in a package of that name.
        self._claimed = self._package
        #: The modules of the page files, by name.
        self._modules: dict[str, ModuleType] = {}
        self._declared: dict[int, Declaration] = {}
        #: The rules that show each page, and those that redirect to it.
        self._rules: dict[Page, tuple[list[str], list[str]]] = {}
        self._given: dict[int, dict[str, t.Any]] = {}
        #: The modules of the app itself.
        self._roots = {app.import_name, app.import_name.partition(".")[0], *roots}
        self._declarations: dict[Page, Declaration] = {}
        #: The pages that each module registers, by its own name.
        self._pages_in: dict[str, list[Page]] = {}
        #: What each module imports, as far as it matters to callbacks.
        self._imports: dict[str, list[str]] = {}
        self._gates = Gates(app.ensure_sync, app.logger)
        #: The output of each callback, and the pages that own it. Empty until the app
        #: serves.
        self.callback_owners: dict[str, Owners] = {}
        self._is_registered = False
        self._is_started = False
        #: Whether answers may be others for each visitor.
        self._has_guards = False
        #: Endpoints that are not those of pages here, by what their rules take.
        self._other_rules: dict[RuleKey, str] = {}
        #: The endpoints of pages, likewise.
        self._own_rules: dict[RuleKey, str] = {}
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
            packages=(self._package, folder.name) if folder else (),
            title=None if title == "Dash" else title,
            description=self.dash.config.description or "",
            assets=tuple(sorted(f.name for f in assets.glob("*") if f.is_file())),
            # Not the method: copying a page would copy the Dash instance.
            relative=lambda path: self.dash.get_relative_path(path),  # type: ignore[no-untyped-call]
        )
        self._endpoints = {
            self.unknown_path_rule.endpoint,
            *self._rules_of_dash().values(),
        }
        others = callbacks.defining_modules(self.dash, {}).keys()
        ordered_inputs = binding.add_routing_callbacks(self.dash, inputs)
        #: The outputs of the callbacks of the browser's part, which finds its way to
        #: pages that the visitor may see.
        self._own_outputs = callbacks.defining_modules(self.dash, {}).keys() - others
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
            endpoints={self.unknown_path_rule.endpoint},
            guarded=set(),
        )
        blueprint.add_url_rule(resources.RULE, "resource", self._views.resource)
        self._caching = Caching(
            app.config,
            self.blueprint_name,
            self._views.endpoints,
            self._views.guarded,
            lambda: self._has_guards,
            lambda: self.release,
        )
        blueprint.before_request(self._views.check_url)
        # Flask calls the last one first.
        blueprint.after_request(self._caching.finish_resource)
        blueprint.after_request(self._views.finish)
        blueprint.register_error_handler(InternalServerError, self._views.failed)

    # Setting up

    def set_layout(self, layout: t.Any) -> None:
        """Set the shell around the pages."""
        ensure_sync = self._app.ensure_sync
        self.dash.layout = ensure_sync(layout) if callable(layout) else layout

    def discover(self) -> None:
        """Import the page files."""
        if self._folder is None:
            return

        with self._importing():
            root = Path(self._app.root_path).resolve()
            self._claimed = discovery.claim_package(root, self._folder, self._package)

        for module, declared in discovery.import_pages(
            self._folder, self._package, self._claimed, self._importing, self._on_error
        ):
            self._modules[self._page_name(module.__name__)] = module

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

        if module not in self._pages_in:
            arguments = compat.bind_arguments(module, layout=layout)
            declaration = compat.declaration_of(arguments)
            self.declare(replace(declaration, file=str(file), line=1))

        for page in self._pages_in[module]:
            default = self._default_pages.get(page.error_status or 0)
            page.layout = layout if default is None else default.layout

    def _default_page(self, module: str, status: int) -> Page:
        """What is shown for an error if the registry has no page for it."""
        title = ERROR_TITLES[status]
        arguments = compat.bind_arguments(
            module, title=title, image="", layout=html.H1(f"{status} - {title}")
        )
        declaration = compat.declaration_of(arguments)
        return make_page(declaration, self._defaults, self._endpoint)

    def _page_name(self, module: str) -> str:
        """The name that ``module`` has in the registry."""
        if module.startswith(f"{self._claimed}."):
            return self._package + module[len(self._claimed) :]

        return module

    def declare(self, declaration: Declaration) -> None:
        """Add a page. Another time the same declaration does nothing.

        :raises PageError: If it cannot be added.
        :raises RuntimeError: If the app has already served.
        """
        if id(declaration) in self._declared:
            return

        self.refuse_if_served(f"register_page({declaration.module!r})")
        name = self._page_name(str(declaration.module))
        page = make_page(
            replace(declaration, module=name),
            self._defaults,
            self._endpoint,
        )
        converters = self._app.url_map.converters

        for rule in (page.path_template, page.path, *(page.redirect_from or ())):
            if rule is not None:
                routing.check_rule(rule, source=page.source, converters=converters)

        rules = routing.page_rules(page, converters)
        redirects = routing.page_redirects(page, converters)
        self._check_texts(page, rules)
        self._check_rules(page, [*rules, *redirects])

        if self._is_registered:
            self._check_layout(page)

        self.registry.add(page, rules, redirects)
        self.registry.aliases[declaration.module] = name
        self._declared[id(declaration)] = declaration
        self._rules[page] = rules, redirects
        self._endpoints.add(page.endpoint)

        self._declarations[page] = declaration

        for module in {*declaration.modules, str(declaration.module)}:
            # A function of the app may register pages for others.
            if module == declaration.module or self._is_in_folder(module):
                self._pages_in.setdefault(module, []).append(page)

        if self._is_registered:
            self._set_guards(page)
            self._open(page)
            self._announce(page)

    def _set_guards(self, page: Page) -> None:
        """Put the guards around a page before its own."""
        declaration = self._declarations[page]

        if page.has_guards:
            modules = {str(declaration.module), *declaration.modules}
            page.guard = self._guards_around(modules) + page.guard

    def _guards_around(self, modules: Iterable[str]) -> tuple[Guard, ...]:
        """The guards of the app and of the folders that modules are in."""
        if not self._claimed:
            return self._guards

        return self._guards + discovery.folder_guards(self._claimed, modules)

    def register(self) -> None:
        """Register the blueprint and the pages on the app."""
        for page in self.registry.values():
            self._check_layout(page)
            self._set_guards(page)

        not_found = self._default_pages[404]
        not_found.guard = self._guards_around([f"{self._claimed}.{not_found.module}"])

        if self._views.visitors.error_page(404).guard:
            self._views.guarded.add(self.unknown_path_rule.endpoint)

        own = self._rules_of_dash()

        for key, rule in self._rules_of_app():
            if key in own:
                raise PageError(
                    f"The rule {rule.rule!r} of {own[key]!r} is taken by the endpoint"
                    f" {rule.endpoint!r}. Two DashPages need different prefixes:"
                    " DashPages(url_prefix=...)."
                )

        self._replay_owned()
        self._app.register_blueprint(
            self.blueprint,
            url_prefix=self._url_prefix or None,
            name_prefix=self._name_prefix,
            subdomain=self._subdomain,
        )
        self._app.view_functions[self.unknown_path_rule.endpoint] = (
            self._views.not_found
        )
        request_started.connect(take_unknown_path, self._app)
        request_finished.connect(self._caching.finish, self._app)
        self._is_registered = True

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

    def _endpoint(self, word: str) -> str:
        endpoint = first = f"{self.blueprint_name}.{word}"
        number = 1

        while endpoint in self._endpoints:
            number += 1
            endpoint = f"{first}_{number}"

        return endpoint

    def _check_layout(self, page: Page) -> None:
        module = self._modules.get(page.module)

        if page.supplied_layout is None and module is not None:
            page.layout = getattr(module, "layout", None)

        if page.layout is None:
            raise PageError(
                f"The page {page.module!r} in {page.source} has no layout."
                + _layout_remedy(page.module, module)
            )

        try:
            if callable(page.layout):
                self._app.ensure_sync(page.layout)
        except RuntimeError as e:
            raise PageError(
                f"The layout of {page.module!r} in {page.source} is a coroutine"
                f" function. {e}"
            ) from e

    def _check_rules(self, page: Page, rules: list[str]) -> None:
        if not self._other_rules:
            self._other_rules = self._rules_of_others()

        for rule in rules:
            endpoint = self._other_rules.get(self._own_key(rule))

            if endpoint is not None:
                raise PageError(
                    f"The path {self._url_prefix + rule!r} of {page.module!r} in"
                    f" {page.source} is taken by the endpoint {endpoint!r}. Change one"
                    " of them, or the url_prefix of DashPages."
                )

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
        rules, redirects = self._rules[page]

        for rule in rules:
            self._add_rule(rule, page.endpoint, view, methods=methods)

        if redirects:
            endpoint = self._endpoint(f"{page.endpoint.rpartition('.')[2]}_redirect")
            self._endpoints.add(endpoint)
            code = self._app.config["DASH_PAGES_REDIRECT_CODE"]
            view = self._views.redirect(page, endpoint, code)

            for rule in redirects:
                self._add_rule(rule, endpoint, view, methods=methods)

    def _add_rule(
        self, rule: str, endpoint: str, view: Callable[..., t.Any], **options: t.Any
    ) -> None:
        self._own_rules[self._own_key(rule)] = endpoint
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

    def _own_key(self, rule: str) -> RuleKey:
        return self._key(self._url_prefix + rule, self._subdomain, self._host)

    def _key(self, rule: str, subdomain: str | None, host: str | None) -> RuleKey:
        # Unlike two pages, a page and another view may differ by the slash at the end.
        rule = naming.rule_key(rule) + "/" * rule.endswith("/")
        return rule, subdomain or self._app.url_map.default_subdomain, host or ""

    def _rules_of_app(self) -> Iterator[tuple[RuleKey, Rule]]:
        """The rules by which the app answers to GET."""
        for rule in self._app.url_map.iter_rules():
            answers = rule.methods is None or "GET" in rule.methods

            if answers and not rule.build_only and not rule.websocket:
                yield self._key(rule.rule, rule.subdomain, rule.host), rule

    def _rules_of_others(self) -> dict[RuleKey, str]:
        """The endpoints of the app and of Dash."""
        return {
            **{key: rule.endpoint for key, rule in self._rules_of_app()},
            **self._rules_of_dash(),
        }

    def _rules_of_dash(self) -> dict[RuleKey, str]:
        rules = {route: naming.slug(route) for route in self.dash.routes}
        rules[f"{self.blueprint.static_url_path}/<path:filename>"] = "static"
        rules[resources.RULE] = "resource"
        return {
            self._own_key(rule): f"{self.blueprint_name}.{word}"
            for rule, word in rules.items()
        }

    def _refuse_rules_added_later(self) -> None:
        for key, rule in self._rules_of_app():
            endpoint = self._own_rules.get(key, rule.endpoint)

            if endpoint != rule.endpoint:
                raise RuntimeError(
                    f"The rule {rule.rule!r} of the endpoint {rule.endpoint!r} takes"
                    f" the path of the page {endpoint!r}, which was there first. Change"
                    " one of them, or the url_prefix of DashPages."
                )

    def _replay_owned(self) -> None:
        """Give Dash the callbacks of the page files and of what they import."""
        ordered = [module.__name__ for module in self._modules.values()]
        names = set(ordered)
        waiting = callbacks.unclaimed()

        # Reading the imports of all pages takes time, and only tells something if there
        # are callbacks outside of them.
        if waiting.specs or declarations.declaring_modules() - names:
            self._imports = self._read_imports(ordered)
            ordered, names = list(self._imports), set(self._imports)

        self._harvests = {
            name: declared.callbacks
            for name in ordered
            if (declared := declarations.declared(sys.modules[name])) is not None
        }
        owned = [*self._harvests.values(), callbacks.owned_by(waiting, names)]

        if (stock := compat.stock_app()) is not None:
            # It has taken those that waited when it served.
            taken = callbacks.callbacks_of(stock)
            owned.append(callbacks.owned_by(taken, names))

        callbacks.replay(self.dash, owned, self._given)
        self._refuse_confused(names)

    def _refuse_confused(self, names: set[str]) -> None:
        for one, other in callbacks.confused_functions():
            if names & {one.__module__, other.__module__}:
                raise PageError(
                    f"The background callbacks '{one.__module__}.{one.__qualname__}'"
                    f" and '{other.__module__}.{other.__qualname__}' have the same"
                    " output and the same source, by which Dash tells them apart. Give"
                    " one of the outputs another id."
                )

    def _read_imports(self, names: Iterable[str]) -> dict[str, list[str]]:
        modules = [sys.modules[name] for name in names if name in sys.modules]
        return import_graph(modules, self._is_project_module, self._known_imports)

    def _known_imports(self, module: ModuleType) -> set[str]:
        """What ``module`` imports apart from what its source says."""
        declared = declarations.declared(module)
        names = set() if declared is None else set(declared.imported)

        if self._page_name(module.__name__) in self._modules:
            names.update(discovery.folder_packages(self._claimed, [module.__name__]))

        return names

    def _claim(self) -> None:
        """Give Dash the callbacks that were defined by ``@dash.callback`` elsewhere
        than in page files, such as those of the shell.
        """
        if not self._is_started and not compat.has_stock_app():
            waiting = callbacks.unclaimed()

            if waiting.specs:
                waiting = callbacks.without(waiting, self._modules_of_others())

            callbacks.replay(self.dash, [waiting], self._given)

    def _modules_of_others(self) -> set[str]:
        """The modules that only pages of other DashPages of the app import."""
        bounds = self._bounds()
        others = [bound for bound in bounds if bound is not self]

        if not others:
            return set()

        files = [m.__name__ for bound in bounds for m in bound._modules.values()]
        of_app = owners_of_modules(
            dict.fromkeys(files, ()), self._roots, self._read_imports(self._roots)
        )
        found = {name for other in others for name in other.reached_modules()}
        found -= self.reached_modules()
        return found - {name for name, owners in of_app.items() if owners}

    def _bounds(self) -> list[BoundPages]:
        """All of the app."""
        return list(self._app.extensions["dash_pages"].values())

    def has_guards(self) -> bool:
        """Whether there is a page that not everybody may see."""
        return bool(self._guards) or any(p.guard for p in self.registry.values())

    def reached_modules(self) -> set[str]:
        """The modules of the pages and of what they import."""
        return set(self._read_imports(m.__name__ for m in self._modules.values()))

    def _is_in_folder(self, module: str) -> bool:
        return bool(self._claimed) and module.startswith(f"{self._claimed}.")

    def _is_project_module(self, module: ModuleType) -> bool:
        if self._page_name(module.__name__) in self._modules:
            return True

        file = getattr(module, "__file__", None)

        if not file:
            return False

        package = sys.modules.get(self._app.import_name.partition(".")[0])

        for folder in (self._app.root_path, *getattr(package, "__path__", ())):
            if Path(file).is_relative_to(folder):
                return not is_installed(Path(file).relative_to(folder))

        return not is_installed(Path(file))

    # Serving

    def is_page(self, endpoint: str | None) -> bool:
        """Whether the endpoint is that of a page or a redirect to one."""
        return endpoint in self._views.endpoints

    def takes_unknown_path(self) -> bool:
        """Whether the current request, which no rule takes, is one for a page here."""
        if not f"{request.path}/".startswith(f"{self._url_prefix}/"):
            return False

        if self._host is not None and request.host != self._host:
            return False

        if self._app.subdomain_matching:
            adapter = self._app.create_url_adapter(request)
            subdomain = self._subdomain or self._app.url_map.default_subdomain

            if adapter is None or adapter.subdomain != subdomain:
                return False

        return self._views.takes_unknown_path()

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

            self._refuse_rules_added_later()
            self._claim()

            self._has_guards = self.has_guards()

            if any(bound.has_guards() for bound in self._bounds()):
                self._put_gates()

            self._make_release = binding.start(self.dash)
            self._kept_releases = lru_cache(maxsize=64)(self._release_behind)
            self.release = self._make_release(frozenset())
            self._is_started = True

    # Guarding

    def visible_pages(self) -> list[Page]:
        """The pages that the current visitor may see, in order."""
        return self._gates.visible(
            page for page in self.registry.values() if page.error_status is None
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

    def shared_callbacks(self) -> Iterator[tuple[str, Owners]]:
        """The callbacks that guarded pages share with what lets in others: their
        outputs, and what owns them.
        """
        with self.enter():
            for output, owners in self.callback_owners.items():
                guards = self.guards_of(owners)

                if any(guards) and guards.count(guards[0]) < len(guards):
                    yield output, owners

    def guards_of(self, owners: Owners) -> list[tuple[Guard, ...]]:
        return [
            page.guard if page and page.has_guards else self._guards for page in owners
        ]

    def _find_owners(self) -> dict[str, Owners]:
        modules = callbacks.defining_modules(self.dash, self._harvests)
        known = {name for names in modules.values() for name in names}

        if not self._pages_in.keys() >= known:
            self._imports = self._read_imports({*self._pages_in, *self._roots})

        of_modules = owners_of_modules(self._pages_in, self._roots, self._imports)
        owners = {
            output: self._strictest(
                of_modules[name]
                if name in of_modules
                else self._owners_of_unknown(name)
                for name in names or {""}
            )
            for output, names in modules.items()
            if output not in self._own_outputs
        }

        for cancel, outputs in callbacks.cancelling(self.dash).items():
            owners[cancel] = frozenset().union(*(owners[output] for output in outputs))

        return owners

    def _strictest(self, found: Iterable[Owners]) -> Owners:
        """The owners of a callback with an output that several modules define."""
        found = list(found)
        guarded = [owners for owners in found if all(self.guards_of(owners))]
        return frozenset.intersection(*guarded) if guarded else found[0]

    def _owners_of_unknown(self, name: str) -> Owners:
        """The owners of what is in a module that nobody is known to import. Without a
        name, or in a module that is not of the project, it is the app's.
        """
        module = sys.modules.get(name)
        is_of_project = module is not None and self._is_project_module(module)
        return frozenset() if is_of_project else frozenset({None})

    def _put_gates(self) -> None:
        self.callback_owners = self._find_owners()
        self._gates.put_before(
            self.callback_owners, gate(self._default_pages[404], self._guards)
        )
        orphans = [out for out, owners in self.callback_owners.items() if not owners]

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
            (bound.unknown_path_rule for bound in takers),
            key=lambda rule: len(rule.rule),
        )
        request.view_args = {}
        request.routing_exception = None


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
