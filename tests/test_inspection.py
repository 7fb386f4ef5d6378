from __future__ import annotations

import re
import sys
import typing as t
from pathlib import Path

import pytest
from conftest import bound_pages
from conftest import MakeApp
from conftest import WritePages
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from dash import State
from dash.development.base_component import Component
from flask import abort
from flask import Flask
from flask import g

from flask_dash_pages import DashPages
from flask_dash_pages import page_container
from flask_dash_pages import signals
from flask_dash_pages.checks import Finding
from flask_dash_pages.inspection import Inspection

TEXTS = "title='A title', description='A description'"
#: A page in which nothing is wrong but the layout.
PAGE = f"register_page(__name__, {TEXTS})\nlayout = "
#: One with further arguments.
PAGE_WITH = f"register_page(__name__, {TEXTS}, {{}})\n"


def inspect(app: Flask, *, slow: float = 60, name: str = "dash_pages") -> list[Finding]:
    with app.app_context():
        inspection = Inspection(app, bound_pages(app, name), slow=slow)

        for view in inspection.find_views():
            inspection.render(view)

        return inspection.finish()


def told(findings: list[Finding]) -> list[tuple[str, str, str | None]]:
    return [finding[:3] for finding in findings]


def test_nothing_wrong(make_app: MakeApp) -> None:
    files = {
        "home": PAGE + "[dcc.Link('b', href='/page/1?a=1#b'), html.P(id='in')]",
        "page": PAGE_WITH.format("path_template='/page/<int:id>', samples=[{'id': 1}]")
        + """
def layout(id):
    return html.P(id="out")

@callback(Output("out", "children"), Input("in", "n_clicks"))
def update(clicks): return clicks
""",
        "not_found_404": "register_page(__name__, title='Gone')\nlayout = 'a'",
    }
    assert inspect(make_app(files)) == []


@pytest.mark.parametrize(
    "href",
    [
        *("/home", "/home/", "home", "/old", "", "#a", "/home?a=1#b", "//testapp/a"),
        *("https://example.org/a", "mailto:a@b", "javascript:a", "data:a"),
        *("/assets/a%20b.png", "/static/c.txt", "/page/1", "http://localhost/home"),
        "/folder",
    ],
)
@pytest.mark.parametrize("root", ["/", "/mount"])
def test_link_that_leads_somewhere(
    make_app: MakeApp, write_pages: WritePages, href: str, root: str
) -> None:
    files = {
        "home": PAGE_WITH.format("redirect_from=['/old']")
        + "def layout(): return html.A('a', href={!r})".format(
            root.rstrip("/") + href if href[:1] == "/" != href[1:2] else href
        ),
        "page": PAGE_WITH.format("path_template='/page/<id>', samples=[{'id': 1}]")
        + "layout = ''",
    }

    for folder, name in (("assets", "a b.png"), ("static", "c.txt")):
        file = write_pages(folder) / name
        file.parent.mkdir()
        file.write_bytes(b"")

    app = make_app(files, config={"APPLICATION_ROOT": root})
    app.add_url_rule("/folder/", "folder", lambda: "")
    assert inspect(app) == []


@pytest.mark.parametrize(
    ("component", "problem"),
    [
        ("dcc.Link('a', href='/hom')", "nowhere in this app. Did you mean '/home'?"),
        ("html.A('a', href='nothing')", "leads nowhere in this app."),
        ("html.A('a', href='http://localhost/x')", "leads nowhere in this app."),
        ("html.A('a', href='/only-post')", "does not answer to GET."),
        ("html.A('a', href='http://[')", "is not a URL."),
        ("html.Img(src='/assets/gone.png')", "is a file that is not in"),
        ("html.Img(src='/assets/..%2Fpages/home.py')", "is a file that is not in"),
        ("html.A('a', href='/static/gone.txt')", "is a file that is not in"),
    ],
)
def test_link_that_leads_nowhere(
    make_app: MakeApp, component: str, problem: str
) -> None:
    app = make_app({"home": PAGE + component})
    app.add_url_rule("/only-post", view_func=lambda: "", methods=["POST"])
    (finding,) = inspect(app)
    assert finding[0] == "error"
    assert finding.code in {"dead-link", "no-file"}
    assert problem in finding.message


@pytest.mark.parametrize(
    ("page", "code", "text"),
    [
        (
            PAGE_WITH.format("json_ld=lambda: {'a': object()}") + "layout = ''",
            ("error", "raised"),
            "is not JSON serializable",
        ),
        (
            PAGE_WITH.format("lastmod=lambda: 'yesterday'") + "layout = ''",
            ("error", "raised"),
            "'yesterday' is not when a page was changed",
        ),
        (
            PAGE_WITH.format("path_template='/a/<n>', sitemap=lambda: [{'m': 1}]")
            + "def layout(n): return n",
            ("error", "samples"),
            "The sample {'m': 1} cannot be used.",
        ),
        (
            PAGE_WITH.format("path_template='/a/<n>', sitemap=lambda: 1 / 0")
            + "def layout(n): return n",
            ("error", "samples"),
            "The samples cannot be used. ZeroDivisionError",
        ),
        (
            PAGE_WITH.format("alternates={'de': 'pages.typo'}") + "layout = ''",
            ("error", "alternates"),
            "has 'pages.typo' in alternates, which is no page of the app",
        ),
        (
            PAGE_WITH.format("titel='A'") + "layout = ''",
            ("warning", "unknown-keyword"),
            "register_page got 'titel', .* Did you mean 'title'?",
        ),
        (
            PAGE_WITH.format("sample=[{'a': 1}]") + "layout = ''",
            ("warning", "unknown-keyword"),
            "Did you mean 'samples'?",
        ),
    ],
)
def test_wrong_page(
    make_app: MakeApp, page: str, code: tuple[str, str], text: str
) -> None:
    (finding,) = inspect(make_app({"a": page}))
    assert (finding.level, finding.code) == code
    assert re.search(text.replace("?", r"\?").replace("{", r"\{"), finding.message)


def test_wrong_variable(make_app: MakeApp) -> None:
    page = (
        PAGE_WITH.format("path_template='/in/<int:year>', samples=[{'year': 7}]")
        + "def layout(yeer): return ''"
    )
    first, second = inspect(make_app({"a": page}))
    assert first.message == (
        "The layout requires 'yeer', which is no variable of the path"
        " '/in/<int:year>'. Did you mean 'year'?"
    )
    assert second.code == "aborted"


def test_query_that_is_needed(make_app: MakeApp) -> None:
    page = (
        PAGE_WITH.format("path='/', samples=[{'tab': 'costs'}]")
        + "def layout(tab): return tab"
    )
    assert inspect(make_app({"a": page})) == []


def test_paths_of_the_sitemap_are_samples(make_app: MakeApp) -> None:
    page = (
        PAGE_WITH.format(
            "path_template='/a/<n>', sitemap=lambda: ({'n': n} for n in range(9))"
        )
        + "def layout(n): return html.A('a', href=f'/{n}')"
    )
    found = inspect(make_app({"a": page}))
    assert [finding.message[:20] for finding in found] == [
        f"A has the href '/{n}'," for n in range(3)
    ]


def test_shell_without_place(make_app: MakeApp) -> None:
    (finding,) = inspect(make_app({"a": PAGE + "''"}, layout=html.Div("The shell")))
    assert (finding.level, finding.code) == ("warning", "no-container")


def test_attribute_of_dash(make_app: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    app = make_app({"a": PAGE + "''"})
    app.layout = html.Div()  # type: ignore[attr-defined]
    (finding,) = inspect(app)
    assert (finding.level, finding.code) == ("warning", "no-effect")
    assert finding.message.endswith("Set it on Dash: DashPages(layout=...).")
    assert caplog.messages == [finding.message]


def test_layout_that_the_package_was_given(make_app: MakeApp) -> None:
    files = {"__init__": "def layout(): pass", "a": PAGE + "''"}
    app = make_app(files)
    assert inspect(app) == []
    package = sys.modules[bound_pages(app).modules.claimed]
    # As after "pages = DashPages(app)" and "import pages.a".
    package.layout = lambda: page_container  # type: ignore[attr-defined]
    (finding,) = inspect(app)
    assert (finding.level, finding.code) == ("warning", "no-effect")
    assert finding.message.startswith("The package 'pages' has got the attribute 'layo")


def test_file_that_is_no_page(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app({"a": PAGE + "''"})
    (tmp_path / "pages" / "b.py").write_text("layout = ''")
    (finding,) = inspect(app)
    assert (finding.level, finding.code) == ("warning", "no-page")
    assert "Call register_page(__name__)" in finding.message


def test_link_beside_the_mounted_app(make_app: MakeApp) -> None:
    files = {"home": PAGE + "html.A('a', href='/elsewhere')"}
    assert inspect(make_app(files, config={"APPLICATION_ROOT": "/mount"})) == []


def test_link_in_shell_is_told_once(make_app: MakeApp) -> None:
    app = make_app({"a": PAGE + "''", "b": PAGE + "''"})
    with app.app_context():
        bound_pages(app).set_layout(html.Div([page_container, html.A("a", href="/x")]))

    assert told(inspect(app)) == [("error", "dead-link", None)]


def test_layout_that_raises_stops_no_other(make_app: MakeApp) -> None:
    files = {
        "bad": PAGE_WITH.format("") + "def layout():\n    return 1 / 0",
        "json": PAGE_WITH.format("") + "def layout(): return object()",
        "last": "register_page(__name__)\nlayout = ''",
    }
    found = inspect(make_app(files))
    assert told(found) == [
        ("error", "raised", "pages.bad"),
        ("error", "raised", "pages.json"),
        ("warning", "no-title", "pages.last"),
        ("warning", "no-description", "pages.last"),
    ]
    assert "ZeroDivisionError: division by zero" in found[0].message
    # The line of the layout, not that of register_page.
    assert str(found[0].source).endswith("bad.py:7")


def test_shell_that_raises(make_app: MakeApp) -> None:
    files = {
        "a": PAGE
        + """''
@callback(Output("out", "children"), Input("in", "value"))
def update(value): return value
"""
    }
    app = make_app(files)

    def shell() -> t.NoReturn:
        raise ValueError("no shell")

    with app.app_context():
        bound_pages(app).set_layout(shell)

    # What the callback is about may be in the shell.
    (finding,) = inspect(app)
    assert finding.code == "shell-failed"
    assert "ValueError: no shell" in finding.message


@pytest.mark.parametrize(
    ("code", "level"), [(404, "error"), (500, "error"), (401, "warning")]
)
def test_layout_that_aborts(make_app: MakeApp, code: int, level: str) -> None:
    layout = f"from flask import abort\ndef layout(): abort({code})"
    found = inspect(make_app({"a": PAGE_WITH.format("") + layout}))
    assert told(found) == [(level, "aborted", "pages.a")]


def test_guard_is_not_asked(make_app: MakeApp) -> None:
    guard = "guard=lambda page, variables: 1 / 0"
    files = {"a": PAGE_WITH.format(guard) + "layout = html.A('a', href='/x')"}
    assert told(inspect(make_app(files))) == [("error", "dead-link", "pages.a")]


def test_guarded_layout_that_raises_is_no_error(make_app: MakeApp) -> None:
    # It may ask for the user, whom the guard makes sure of.
    guard = "guard=lambda page, variables: False"
    files = {"a": PAGE_WITH.format(guard) + "def layout(): return 1 / 0"}
    assert told(inspect(make_app(files))) == [("warning", "raised", "pages.a")]


def test_request_is_that_of_page(make_app: MakeApp) -> None:
    files = {
        "a": PAGE_WITH.format(
            "path_template='/a/<int:id>', samples=[dict(id=7, q='b')]"
        )
        + """
from flask import g, request

def layout(id, q):
    assert (request.path, request.endpoint) == ("/figures/a/7", "dash_pages.a")
    assert (id, q, request.args["q"], g.user) == (7, "b", "b", None)
    assert dash.get_relative_path("/a") == "/figures/a"
    return ""
"""
    }
    app = make_app(files, url_prefix="/figures")

    @app.before_request
    def load_user() -> None:
        g.user = None

    assert inspect(app) == []


@pytest.mark.parametrize("path", ["/", "/a"])
def test_request_of_shell(make_app: MakeApp, path: str) -> None:
    app = make_app({"a": PAGE_WITH.format(f"path={path!r}") + "layout = ''"})
    bound_pages(app).set_layout(lambda: html.Div([g.user, page_container]))
    functions = app.before_request_funcs.setdefault("dash_pages", [])
    functions += [lambda: setattr(g, "user", "somebody"), lambda: abort(401)]
    assert inspect(app) == []


def test_answer_of_before_request_does_not_count(make_app: MakeApp) -> None:
    app = make_app({"a": PAGE + "html.A('a', href='/x')"})
    app.before_request(lambda: "Log in")
    assert told(inspect(app)) == [("error", "dead-link", "pages.a")]


def test_no_signals(make_app: MakeApp) -> None:
    files = {
        "a": PAGE + "''",
        "b": PAGE_WITH.format("") + "def layout(): 1 / 0",
        "c": PAGE_WITH.format("")
        + "from flask import redirect\ndef layout(): return redirect('/a')",
        "d": PAGE_WITH.format("") + "from flask import abort\ndef layout(): abort(404)",
        "e": PAGE_WITH.format("") + "from flask import abort\ndef layout(): abort(403)",
    }
    app = make_app(files)
    sent: list[str] = []

    def note(name: str) -> t.Callable[..., None]:
        return lambda sender, **extra: sent.append(name)

    receivers = {name: note(name) for name in vars(signals) if name.startswith("page_")}

    for name, receiver in receivers.items():
        getattr(signals, name).connect(receiver, app)

    inspect(app)
    assert sent == []
    app.test_client().get("/a")
    assert sent == ["page_resolved"]


@pytest.mark.parametrize(
    ("location", "codes"),
    [("/a", []), ("https://example.org/", []), ("/x", ["dead-redirect"])],
)
def test_redirect_of_layout(make_app: MakeApp, location: str, codes: list[str]) -> None:
    layout = f"from flask import redirect\ndef layout(): return redirect({location!r})"
    found = inspect(make_app({"a": PAGE_WITH.format("") + layout}))
    assert [finding.code for finding in found] == codes


def test_redirect_to_example_path(make_app: MakeApp) -> None:
    options = "path_template='/b/<b>', redirect_from=['/old'], samples=[{'b': 'a'}]"
    files = {
        "b": PAGE_WITH.format(options)
        + "from flask import abort\n"
        + "def layout(b): return abort(404) if b == 'none' else b"
    }
    (finding,) = inspect(make_app(files))
    assert finding[:2] == ("error", "aborted")
    assert "'/b/none'" in finding.message


@pytest.mark.parametrize("path", ["/b/7", "/c"])
def test_path_of_template_is_rendered(make_app: MakeApp, path: str) -> None:
    options = f"path={path!r}, path_template='/b/<int:b>'"
    files = {
        "b": PAGE_WITH.format(options) + "def layout(b=0): return html.A(href='/x')"
    }
    assert [f.code for f in inspect(make_app(files))] == ["dead-link"]


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("", ["not-rendered"]),
        ("samples=[]", ["not-rendered"]),
        ("samples=[{'c': 1}]", ["samples"]),
        ("samples=[{'b': 'a'}]", ["samples"]),
        ("samples=3", ["samples"]),
        ("samples=lambda: 1 / 0", ["samples"]),
        ("samples=lambda: ({'b': b} for b in (1, 2))", []),
    ],
)
def test_samples(make_app: MakeApp, options: str, codes: list[str]) -> None:
    page = PAGE_WITH.format(f"path_template='/b/<int:b>', {options}") + "layout = ''"
    assert [finding.code for finding in inspect(make_app({"b": page}))] == codes


@pytest.mark.parametrize(
    ("options", "around", "hrefs"),
    [
        ("", [], None),
        ("", [dcc.Dropdown(["en", "fr"], "fr", id="language")], ["/fr"]),
        # The component with the value is not looked for.
        ("samples=[{'language': 'en'}]", [], ["/en"]),
        (
            "samples=[{'language': 'en'}, {'other': '1'}]",
            [dcc.Dropdown(["en", "fr"], "fr", id="language")],
            ["/en", "/fr"],
        ),
    ],
    ids=["not there", "of the shell", "of a sample", "of both"],
)
def test_values_of_browser(
    make_app: MakeApp, options: str, around: list[Component], hrefs: list[str] | None
) -> None:
    inputs = {
        "language": Input("language", "value"),
        "mark": State("_pages_location", "hash"),
    }
    layout = """
def layout(language, mark, other=None):
    assert mark == ""
    return html.A("a", href=f"/{language}")
"""
    app = make_app(
        {"a": PAGE_WITH.format(options) + layout},
        layout=html.Div([*around, page_container]),
        routing_callback_inputs=inputs,
    )
    findings = inspect(app)

    if hrefs is None:
        [finding] = findings
        assert finding.code == "not-rendered"
        assert "it needs 'language'." in finding.message
    else:
        assert [finding.code for finding in findings] == ["dead-link"] * len(hrefs)
        assert all(href in f.message for href, f in zip(hrefs, findings, strict=True))


def test_sample_of_another_page(make_app: MakeApp) -> None:
    options = "path_template='/b/<b>', samples=[{'b': 'new'}]"
    files = {
        "b": PAGE_WITH.format(options) + "layout = ''",
        "c": PAGE_WITH.format("path='/b/new'") + "layout = ''",
    }
    (finding,) = inspect(make_app(files))
    assert finding[:3] == ("error", "shadowed", "pages.b")
    assert "'/b/new' leads to the endpoint 'dash_pages.c'" in finding.message


def test_rule_of_app_shadows_page(bare_app: Flask) -> None:
    # Werkzeug takes the first one of rules with the same weight.
    bare_app.add_url_rule("/b/<any('dash-pages-check', x):b>", "other", lambda b: b)
    pages = DashPages(bare_app, pages_folder=None)
    texts = {"title": "A title", "description": "A description"}
    pages.register_page("b", path_template="/b/<b>", layout="", **texts)
    found = inspect(bare_app)
    assert ("error", "shadowed", "b") in told(found)


def test_rule_that_is_added_later(make_app: MakeApp) -> None:
    app = make_app({"a": PAGE + "''"})
    app.add_url_rule("/a", "other", lambda: "")
    (finding,) = inspect(app)
    assert finding[:2] == ("error", "no-start")
    assert "'other' takes the path of the page 'dash_pages.a'" in finding.message


def test_duplicate_id(make_app: MakeApp) -> None:
    files = {"a": PAGE + "[html.P(id='a'), html.P(id='a'), html.P(id='b')]"}
    app = make_app(files)

    with app.app_context():
        bound_pages(app).set_layout(html.Div([page_container, html.P(id="b")]))

    assert told(inspect(app)) == [("error", "duplicate-id", "pages.a")] * 2


def test_callback_without_component(make_app: MakeApp) -> None:
    files = {
        "a": PAGE
        + """html.P(id="out")

@callback(Output("out", "children"), Input("inn", "value"))
def update(value): return value

clientside_callback("() => 1", Input("out", "id"))
"""
    }
    (finding,) = inspect(make_app(files))
    assert finding[:3] == ("warning", "no-component", "pages.a")
    assert "'inn'" in finding.message


def test_callback_of_app_without_component(make_app: MakeApp) -> None:
    app = make_app({"a": PAGE + "''"})

    with app.app_context():
        dash = bound_pages(app).dash
        dash.clientside_callback("() => 1", Output("a", "b"), Input("a", "c"))

    assert told(inspect(app)) == [("warning", "no-component", None)]


def test_shared_callback(make_app: MakeApp) -> None:
    files = {
        "_helper": "@callback(Output('out', 'children'), Input('out', 'id'))\n"
        "def update(value): return value",
        "a": "from . import _helper\n"
        + PAGE_WITH.format("guard=lambda page, variables: True")
        + "layout = html.P(id='out')",
        "b": "from . import _helper\n" + PAGE + "html.P(id='out')",
    }
    assert told(inspect(make_app(files))) == [("warning", "shared-callback", None)]


@pytest.mark.parametrize(
    ("image", "codes"),
    [("image='gone.png'", ["no-file"]), ("image_url='https://example.org/a'", [])],
)
def test_image(make_app: MakeApp, image: str, codes: list[str]) -> None:
    found = inspect(make_app({"a": PAGE_WITH.format(image) + "layout = ''"}))
    assert [finding.code for finding in found] == codes


def test_image_elsewhere(make_app: MakeApp) -> None:
    page = PAGE_WITH.format("image='gone.png'") + "layout = ''"
    app = make_app({"a": page}, assets_external_path="https://example.org/")
    assert inspect(app) == []


def test_slow_layout(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(1000))
    monkeypatch.setattr("flask_dash_pages.inspection.perf_counter", lambda: next(now))
    app = make_app({"a": PAGE + "''"})
    assert inspect(app, slow=1) == []
    assert told(inspect(app, slow=0.5)) == [("warning", "slow", "pages.a")]


def test_findings_are_told_once(make_app: MakeApp) -> None:
    options = "path_template='/a/<int:a>', samples=[{'a': a} for a in range(3)]"
    files = {"a": PAGE_WITH.format(options) + "def layout(a): return html.A(href='/x')"}
    assert [finding.code for finding in inspect(make_app(files))] == ["dead-link"]


def test_file_that_cannot_be_imported(make_app: MakeApp) -> None:
    files = {"a": "1 / 0  # register_page", "b": PAGE + "''"}
    app = make_app(files, config={"DASH_PAGES_IMPORT_ERRORS": "page"})
    assert told(inspect(app)) == [("error", "raised", "pages.a")]


@pytest.mark.parametrize(
    ("options", "config"),
    [
        ({"host": "pages.example"}, {}),
        ({"subdomain": "pages"}, {"SERVER_NAME": "example.org"}),
    ],
)
def test_pages_of_host(options: dict[str, str], config: dict[str, str]) -> None:
    app = Flask(
        "testapp",
        host_matching="host" in options,
        static_host="static.example" if "host" in options else None,
        subdomain_matching="subdomain" in options,
    )
    app.config.update(config)
    pages = DashPages(app, pages_folder=None, **options)  # type: ignore[arg-type]
    texts = {"title": "A title", "description": "A description"}
    link = html.A("a", href="/b/1")
    pages.register_page("a", layout=link, **texts)
    sample = {"samples": [{"b": 1}]}
    pages.register_page("b", path_template="/b/<b>", layout="", **texts, **sample)
    pages.register_page("c", layout=html.A("a", href="/x"), **texts)
    assert told(inspect(app)) == [("error", "dead-link", "c")]
