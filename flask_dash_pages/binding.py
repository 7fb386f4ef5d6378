"""Dash on a Blueprint.

A Dash instance believes that it has a server of its own. Here the server is a
blueprint, so that whatever Dash does to its server is done to the blueprint.
"""

from __future__ import annotations

import functools
import inspect
import re
import typing as t
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import nullcontext
from contextvars import ContextVar
from copy import copy
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from dash import _callback as dash_callback
from dash import ClientsideFunction
from dash import Dash
from dash import Input
from dash import Output
from dash import page_container
from dash import State
from dash._utils import AttributeDict
from dash.backends._flask import FlaskDashServer
from dash.development.base_component import Component
from dash.exceptions import DependencyException
from flask import Blueprint
from flask import current_app
from flask import has_request_context
from flask import make_response
from flask import request
from flask.blueprints import BlueprintSetupState
from flask.sansio.app import App
from flask.typing import ResponseReturnValue
from markupsafe import escape
from markupsafe import Markup
from plotly.io.json import to_json_plotly
from werkzeug.exceptions import NotFound

from . import callbacks
from .calls import choose
from .calls import references
from .calls import Spec
from .naming import slug
from .navigation import ALL_LINKS
from .nodes import Node
from .prerender import CONTENT
from .protocol import json_body
from .resources import fingerprint
from .resources import make_resource
from .resources import Release
from .resources import Resource

LOCATION = "_pages_location"
STORE = "_pages_store"
DUMMY = "_pages_dummy"

#: When a bundle was changed, which is another time wherever it is installed.
_MODIFIED = re.compile(r"m=?\d{9,}(?:\.\d+)?")

#: A part of the names of bundles. Dash makes it, and some bundles take it over for what
#: they load.
_FINGERPRINT = re.compile(r"\.(v[\w-]+m[0-9a-fA-F]+)\.")

#: How Dash writes the function of a clientside callback.
_FUNCTION = re.compile(r'ns\["(\w+)"\] = ')

#: The browser's part.
SCRIPT = (Path(__file__).parent / "static" / "pages.js").read_text("utf-8")

Enter = Callable[[], AbstractContextManager[None]]

#: The answer for a visitor who may not call the callback with an output. ``None`` for
#: one who may.
Refuse = Callable[[str], ResponseReturnValue | None]


class _SetupState(BlueprintSetupState):
    def add_url_rule(self, rule: str, *args: t.Any, **options: t.Any) -> None:
        options.setdefault("host", t.cast(PagesBlueprint, self.blueprint).host)
        super().add_url_rule(rule, *args, **options)


class PagesBlueprint(Blueprint):
    """The blueprint that a Dash instance takes for its server."""

    #: The host of all rules. Flask's blueprints know only subdomains.
    host: str | None = None

    def make_setup_state(
        self, app: App, options: dict[str, t.Any], first_registration: bool = False
    ) -> BlueprintSetupState:
        return _SetupState(self, app, options, first_registration)

    @property
    def secret_key(self) -> str | bytes | None:
        """Dash signs with the key of its server."""
        return current_app.secret_key

    @secret_key.setter
    def secret_key(self, value: str) -> None:
        # Subclasses of Dash make one if there is none, another one in each worker.
        pass

    def __getattr__(self, name: str) -> t.Any:
        # Only called for what a blueprint has not. Code of the app takes the server of
        # Dash for the Flask app, such as to initialize an extension.
        if name.startswith("_") or not current_app:
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}"
            )

        return getattr(current_app, name)


class BlueprintServer(FlaskDashServer):
    """What Dash talks to instead of its server. Subclassed for each app."""

    #: Entered around each view.
    enter: Enter = nullcontext
    refuse: Refuse

    def __init__(self, server: t.Any) -> None:
        super().__init__(server)
        self.before: list[Callable[[], t.Any]] = []
        self.after: list[Callable[[t.Any], t.Any]] = []

    def register_assets_blueprint(
        self, blueprint_name: str, assets_url_path: str, assets_folder: str
    ) -> None:
        """The assets are the static folder of the blueprint."""

    def register_error_handlers(self) -> None:
        super().register_error_handlers()  # type: ignore[no-untyped-call]

        # Dash lets a wrong URL of a bundle fail with status 500.
        @self.server.errorhandler(DependencyException)
        def not_a_resource(error: DependencyException) -> ResponseReturnValue:
            # The message has what was asked for as it is.
            return NotFound()

    def register_prune_error_handler(self, secret: str, prune_errors: bool) -> None:
        """Errors are Flask's: its handlers, its debugger, its log."""

    def before_request(self, func: Callable[[], t.Any]) -> None:
        if getattr(func, "__name__", "") != "_setup_server":
            self.before.append(func)

    def after_request(self, func: Callable[[t.Any], t.Any]) -> None:
        self.after.append(func)

    def enable_compression(self) -> None:
        """Refused when the options were checked."""

    def setup_index(self, dash_app: Dash) -> None:
        """Pages are rules of their own."""

    def setup_catchall(self, dash_app: Dash) -> None:
        """Unknown paths are handled by a view of the pages."""

    def register_callback_api_routes(self, callback_api_paths: t.Any) -> None:
        """Dash would call the callbacks without asking guards."""
        raise RuntimeError(
            "setup_apis() was called, which is not supported: the callbacks would be"
            " called without asking guards. Add a view to the Flask app instead."
        )

    def serve_callback(self, dash_app: Dash) -> Callable[..., t.Any]:
        dispatch = super().serve_callback(dash_app)

        # Flask-WTF looks for "dash.dash.dispatch", and wraps() keeps that.
        @functools.wraps(dispatch)
        def checked(**kwargs: t.Any) -> t.Any:
            body = json_body()
            refusal = self.refuse(callbacks.called_output(body))

            if refusal is not None:
                return refusal

            callbacks.check_call(body, dash_app.callback_map)
            return current_app.ensure_sync(dispatch)(**kwargs)

        checked.__module__, checked.__name__ = "dash.dash", "dispatch"
        return checked

    def add_url_rule(
        self,
        rule: str,
        view_func: Callable[..., t.Any],
        endpoint: str | None = None,
        methods: list[str] | None = None,
    ) -> None:
        @functools.wraps(view_func)
        def view(**kwargs: t.Any) -> t.Any:
            with self.enter():
                for before in self.before:
                    before()

                response = make_response(current_app.ensure_sync(view_func)(**kwargs))

                for after in self.after:
                    response = after(response)

                return response

        # Dash's endpoint is the rule, and Flask takes its dots for blueprints.
        self.server.add_url_rule(
            rule, endpoint=slug(rule), view_func=view, methods=methods or ["GET"]
        )


class _PrefixedConfig(AttributeDict):
    """Dash's configuration, with the prefix of the request that is handled."""

    def __getitem__(self, key: str) -> t.Any:
        value = super().__getitem__(key)

        if key == "requests_pathname_prefix" and has_request_context():
            return request.script_root + value

        return value


class Head(t.NamedTuple):
    """What an index page has of its visit."""

    title: str
    #: Before the tags that are the same for all pages.
    tags: Markup
    #: JSON for the browser's part.
    data: str
    #: What is shown until the app is up. Empty for nothing.
    prerendered: Markup
    #: Whether the app has the content without asking for it.
    complete: bool
    #: The URL of a script with further code.
    script: str | None


#: The app takes the place of what is shown before it as soon as it has something to
#: show, which pages.js looks for, too. While its place for the content is empty, the
#: app can take the focus, but is not seen. Elements that HTML does not allow in each
#: other, such as a button in a button, make the parser close those around them, but
#: never an applet, which means nothing else any more.
_PRERENDERED = Markup(
    "<style>"
    "body:has(#react-entry-point>*):not(:has(._dash-loading)):not(:has({0}))"
    " #_dash-pages-prerendered,"
    "#_dash-pages-prerendered~#react-entry-point ._dash-loading{{display:none}}"
    "body:has({0}) #_dash-pages-prerendered~#react-entry-point"
    "{{opacity:0;pointer-events:none;position:fixed;inset:0;overflow:hidden}}"
    "#_dash-pages-prerendered>applet{{display:block}}</style>"
    '\n<div id="_dash-pages-prerendered"><applet>{1}</applet></div>{2}'
)

_head: ContextVar[Head | None] = ContextVar("flask_dash_pages_head", default=None)


class PagesDash(Dash):
    """A Dash instance that gets its pages from the Flask app."""

    #: Takes the callbacks that wait for an app.
    claim: Callable[[], None]
    #: Makes the list of the callbacks that the visitor may call.
    list_callbacks: Callable[[], ResponseReturnValue]
    #: Whether there was a shell without a place for pages.
    has_lacked_place = False
    _is_starting = False
    _is_started = False

    def _layout_value(self) -> t.Any:
        # Dash._setup_server asks for it to validate it. A function is called for views.
        if self._is_starting and self._layout_is_function:
            return []

        return super()._layout_value()  # type: ignore[no-untyped-call]

    def index(self, *args: t.Any, head: Head | None = None, **kwargs: t.Any) -> t.Any:
        token = _head.set(head)

        try:
            with callbacks.apart():
                return super().index(*args, **kwargs)  # type: ignore[no-untyped-call]
        finally:
            _head.reset(token)

    def interpolate_index(self, **kwargs: t.Any) -> t.Any:  # type: ignore[override]
        head = _head.get()

        if head is not None:
            # Dash replaces its marks one after the other, also in what was put there.
            data = head.data.replace("{%", "{\\u0025")
            title, tags, prerendered = (
                # They are escaped.
                Markup(str(text).replace("{%", "{&#37;"))  # nosec B704
                for text in (escape(head.title), head.tags, head.prerendered)
            )
            kwargs["title"] = str(title)
            kwargs["metas"] = f"{tags}\n      {kwargs['metas']}"
            kwargs["config"] += (
                f'<script id="_dash-pages" type="application/json">{data}</script>'
            )

            if head.script is not None:
                kwargs["scripts"] += f'\n<script src="{escape(head.script)}"></script>'

            if prerendered:
                entry = Markup(kwargs["app_entry"])  # nosec B704
                # There is no element of that name.
                lacking = f"#{CONTENT}:empty" if head.complete else "none"
                kwargs["app_entry"] = _PRERENDERED.format(lacking, prerendered, entry)

        return super().interpolate_index(**kwargs)  # type: ignore[no-untyped-call]

    def dependencies(self) -> ResponseReturnValue:
        return self.list_callbacks()

    def csp_hashes(self, hash_algorithm: str = "sha256") -> t.Sequence[str]:
        self.claim()

        with callbacks.apart():
            return super().csp_hashes(hash_algorithm)

    def _refuse_if_started(self) -> None:
        if self._is_started:
            raise RuntimeError(
                "A callback was added after the app had served a request. Browsers and"
                " other workers would not know of it, nor who may call it. Define it"
                " where the module is imported."
            )

    def callback(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        self._refuse_if_started()

        # Dash makes those that cancel others when it starts.
        if self._is_starting or not callbacks.harvesting():
            return super().callback(*args, **kwargs)

        # A page file did "app = dash.get_app()" and "@app.callback".
        prevent = self.config.prevent_initial_callbacks
        return dash_callback.callback(
            *args, config_prevent_initial_callbacks=prevent, **kwargs
        )

    def clientside_callback(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        self._refuse_if_started()

        if not callbacks.harvesting():
            return super().clientside_callback(*args, **kwargs)  # type: ignore[no-untyped-call]

        return dash_callback.clientside_callback(*args, **kwargs)


def create_dash(
    dash_class: type[Dash],
    blueprint: PagesBlueprint,
    enter: Enter,
    claim: Callable[[], None],
    list_callbacks: Callable[[], ResponseReturnValue],
    refuse: Refuse,
    *,
    import_name: str,
    prefix: str,
    options: Mapping[str, t.Any],
) -> PagesDash:
    """A Dash instance that has ``blueprint`` as its server.

    :param enter: Entered around each of its views.
    :param claim: Gives it the callbacks that wait for an app.
    :param list_callbacks: Its view of the list of callbacks.
    :param refuse: Called before each callback.
    :param prefix: The path that the blueprint begins with; ``"/"`` or
        ``"/prefix/"``.
    """
    # Without a server Dash asks its backend for one.
    server_class = type(
        "Server",
        (BlueprintServer,),
        {
            "create_app": staticmethod(lambda name, config=None: blueprint),
            "enter": staticmethod(enter),
            "refuse": staticmethod(refuse),
        },
    )
    app_class = type(dash_class.__name__, (PagesDash, dash_class), {})

    if "enable_mcp" in inspect.signature(Dash).parameters:
        # It would call callbacks for agents without asking guards, and the environment
        # can turn it on.
        options = {**options, "enable_mcp": False}

    dash: PagesDash = app_class(
        import_name,
        backend=server_class,
        use_pages=False,
        pages_folder="",
        routes_pathname_prefix="/",
        requests_pathname_prefix=prefix,
        **options,
    )
    # Dash reads the prefix wherever it makes a URL, and it is another one for each
    # way in which the app is mounted.
    object.__setattr__(dash.config, "__class__", _PrefixedConfig)
    dash.claim = claim
    dash.list_callbacks = list_callbacks
    dash._inline_scripts.insert(0, SCRIPT)
    dash.layout = page_container
    return dash


def add_routing_callbacks(dash: Dash, inputs: Mapping[str, Input | State]) -> list[str]:
    """Let the browser's part bring the content, and return the names of ``inputs``
    in the order in which it gets their values.
    """
    ordered = sorted(inputs, key=lambda name: isinstance(inputs[name], State))
    dash.clientside_callback(
        ClientsideFunction("dash_pages", "navigate"),
        Output(CONTENT, "children"),
        Output(STORE, "data"),
        Input(LOCATION, "pathname"),
        Input(LOCATION, "search"),
        *(inputs[name] for name in ordered),
        prevent_initial_call=True,
        hidden=True,
    )
    dash.clientside_callback(
        ClientsideFunction("dash_pages", "show"),
        Output(DUMMY, "children"),
        Input(STORE, "data"),
        prevent_initial_call=True,
        hidden=True,
    )
    # Links may be there from the start, or be brought by callbacks.
    dash.clientside_callback(
        ClientsideFunction("dash_pages", "mark"),
        Output(ALL_LINKS, "className"),
        Input(STORE, "data"),
        Input(ALL_LINKS, "href"),
        State(ALL_LINKS, "className"),
        hidden=True,
    )
    return ordered


def routing_values(
    specs: Iterable[Spec], names: Sequence[str], shell: Node, url: str
) -> dict[str, t.Any]:
    """The values of the routing callback inputs whose components are in the shell.

    :param specs: The callbacks as the browser knows them.
    :param names: Those of all the inputs, in the order of their values.
    :param url: What is in the address bar.
    """
    spec = choose(specs, references([f"{CONTENT}.children", f"{STORE}.data"]), (), ())
    dependencies = [*spec["inputs"], *spec["state"]]
    values = {}

    # Those before them are of the browser's part itself.
    for name, each in zip(names, dependencies[-len(names) :], strict=True):
        for node in shell.find_all(id=each["id"])[:1]:
            location = location_props(url) if node.id == LOCATION else {}
            values[name] = {**node.props, **location}.get(each["property"])

    return values


def location_props(url: str) -> dict[str, str]:
    """What ``dcc.Location`` knows at ``url``."""
    parts = urlsplit(url)
    return {
        "href": url,
        "pathname": parts.path,
        "search": f"?{parts.query}" if parts.query else "",
        "hash": f"#{parts.fragment}" if parts.fragment else "",
    }


def is_debug() -> bool:
    """Whether Dash's dev tools are on."""
    is_on: bool | None = current_app.config["DASH_PAGES_DEV_TOOLS"]
    return current_app.debug if is_on is None else is_on


def start(dash: PagesDash) -> Callable[[frozenset[str]], Release]:
    """Do what Dash does before its first request.

    :return: Makes releases that lack the callbacks with some outputs.
    """
    debug = is_debug()

    if debug:
        dash.enable_dev_tools(
            debug=True,
            # The log is the host app's.
            dev_tools_silence_routes_logging=False,
            # A thread looks after the files for as long as the process lives.
            dev_tools_hot_reload=False if current_app.testing else None,
        )

    with callbacks.apart():
        # Dash does this in a before_request function, where a second thread does not
        # wait for the first one to finish it, and where it is not tried again after an
        # error.
        dash._got_first_request["setup_server"] = False
        dash._is_starting = True

        try:
            dash._setup_server()  # type: ignore[no-untyped-call]
        finally:
            dash._is_starting = False

        prefix: str = dash.config.requests_pathname_prefix

        if has_request_context():
            prefix = prefix.removeprefix(request.script_root)

        styles = dash._generate_css_dist_html()  # type: ignore[no-untyped-call]
        tags = f"{dash._generate_scripts_html()}\n{styles}"
        known = [
            prefix,
            dash.index_string,
            current_app.config["DASH_PAGES_VERSION"],
            *_bundles(dash, tags),
            *_index_sources(dash),
            *_shell_sources(dash.layout),
        ]

    # What cannot be done twice comes when nothing can fail any more.
    dash._is_started = True
    scripts = []

    if not debug:
        # In debug each has a tag of its own, so that an error in one is told.
        scripts = _take_inline_scripts(dash)
        _keep_tags(dash)

    specs: list[dict[str, t.Any]] = list(dash._callback_list)
    fingerprints = frozenset(_FINGERPRINT.findall(tags))
    deployment = fingerprint("\n".join(known).encode())

    def release(hidden: frozenset[str]) -> Release:
        visible = [spec for spec in specs if spec["output"] not in hidden]
        dependencies = make_resource(
            "dependencies.json", to_json_plotly(visible).encode(), "application/json"
        )
        functions = _functions_resource(scripts, specs, visible)
        path = functions.path if functions is not None else ""
        version = fingerprint(f"{deployment}\n{dependencies.path}\n{path}".encode())
        return Release(version, deployment, dependencies, functions, fingerprints)

    return release


def _take_inline_scripts(dash: Dash) -> list[str]:
    """The functions of clientside callbacks, which would make each index grow with the
    number of pages.
    """
    scripts = [script for script in dash._inline_scripts if script is not SCRIPT]
    dash._inline_scripts[:] = [SCRIPT]
    return scripts


def _functions_resource(
    scripts: list[str], specs: list[dict[str, t.Any]], visible: list[dict[str, t.Any]]
) -> Resource | None:
    """The functions of the visible ones of the clientside callbacks."""
    hidden = _function_names(specs) - _function_names(visible)
    shown = [
        script
        for script in scripts
        if not ((match := _FUNCTION.search(script)) and match[1] in hidden)
    ]

    if not shown:
        return None

    return make_resource("callbacks.js", "\n;".join(shown).encode(), "text/javascript")


def _function_names(specs: list[dict[str, t.Any]]) -> set[str]:
    return {
        spec["clientside_function"]["function_name"]
        for spec in specs
        if spec["clientside_function"]
    }


def _keep_tags(dash: Dash) -> None:
    """Make the tags of scripts and stylesheets once for each prefix."""
    for name in ("_generate_scripts_html", "_generate_css_dist_html"):
        setattr(dash, name, _kept(dash, getattr(dash, name)))


def _kept(dash: Dash, make: Callable[[], str]) -> Callable[[], str]:
    # The prefix may come from a header.
    kept = lru_cache(maxsize=8)(lambda prefix: make())
    return lambda: kept(dash.config.requests_pathname_prefix)


def _bundles(dash: Dash, tags: str) -> Iterator[str]:
    """What changes when the scripts and stylesheets do, and is the same wherever the
    app is installed and mounted.
    """
    prefix = dash.config.requests_pathname_prefix
    yield _MODIFIED.sub("", tags.replace(prefix, ""))

    for file in dash._assets_files:
        yield fingerprint(Path(dash.config.assets_folder, file).read_bytes())


def _shell_sources(shell: t.Any) -> Iterator[str]:
    """What changes when the layout around the pages does. A function may return
    something else for each visit, so its code counts.
    """
    if not callable(shell):
        yield to_json_plotly(shell)
        return

    while isinstance(shell, functools.partial):
        shell = shell.func

    yield _source(shell)


def _index_sources(dash: Dash) -> Iterator[str]:
    """What changes when the app's own way to make the HTML does."""
    for cls in type(dash).__mro__:
        if cls not in (PagesDash, Dash) and "interpolate_index" in vars(cls):
            yield _source(vars(cls)["interpolate_index"])


def _source(function: t.Any) -> str:
    try:
        return inspect.getsource(inspect.unwrap(function))
    except (OSError, TypeError):
        # It has none, such as an object that can be called.
        return ""


def resolve_shell(dash: Dash) -> t.Any:
    """The layout around the pages, for one request."""
    # Dash.serve_layout does the same. Dash.get_layout came with 4.4.
    layout = dash._layout_value()

    for hook in dash._hooks.get_hooks("layout"):
        layout = hook(layout)

    return layout


def fill_shell(
    shell: t.Any, content: t.Any, *, title: str, complete: bool
) -> tuple[t.Any, bool]:
    """A copy of ``shell`` with the content in place, and whether there was a place
    for it. ``shell`` itself is shared by all requests.
    """
    found = False

    def fill(node: t.Any) -> t.Any:
        nonlocal found

        if isinstance(node, (list, tuple)):
            return [fill(child) for child in node]

        if not isinstance(node, Component):
            return node

        node_id = getattr(node, "id", None)
        node = copy(node)

        if node_id == CONTENT:
            found = True
            node.children = content if complete else None
        elif node_id == STORE:
            node.data = {"title": title}
        else:
            for name in ("children", *getattr(node, "_children_props", ())):
                if name.isidentifier() and hasattr(node, name):
                    setattr(node, name, fill(getattr(node, name)))

        return node

    return fill(shell), found
