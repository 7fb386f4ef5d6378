from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from configparser import ConfigParser
from importlib.metadata import EntryPoint
from pathlib import Path

import click
import pytest
from click.testing import Result
from conftest import bound_pages
from conftest import MakeApp
from conftest import write_files
from conftest import WritePages
from dash import html
from dash import Input
from dash import Output
from flask import Flask
from flask import redirect
from flask.cli import ScriptInfo

from flask_dash_pages import cli
from flask_dash_pages import DashPages
from flask_dash_pages import guards
from flask_dash_pages import signals

TEXTS = "title='A title', description='A description'"
HELPER = """
    @callback(Output("out", "children"), Input("in", "value"))
    def update(value): return value
"""
LAYOUT = "layout = [html.P(id='in'), html.P(id='out')]"
PAGE = f"from . import _helper\nregister_page(__name__, {TEXTS}{{}})\n{LAYOUT}"
GUARDED = PAGE.format(", guard=lambda page, variables: False")


def run(app: Flask, *args: str) -> Result:
    result = app.test_cli_runner().invoke(args=["pages", *args])

    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception

    return result


def lines(app: Flask, *args: str) -> list[str]:
    result = run(app, *args)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def refused(app: Flask, *args: str) -> str:
    result = run(app, *args)
    assert result.exit_code in {1, 2}
    assert result.stdout == ""
    return result.stderr


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns."""
    monkeypatch.setattr(cli, "_width", lambda: 80)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("args", [["list"], ["check"], ["new", "/a"], ["visit", "/"]])
def test_app_without_pages(bare_app: Flask, args: list[str]) -> None:
    bare_app.cli.add_command(cli.pages)
    text = "The app 'testapp' has no DashPages. Give it one"
    assert text in refused(bare_app, *args)


@pytest.fixture
def without_folder(tmp_path: Path) -> ScriptInfo:
    """An app that cannot be made, because there is no folder of pages."""

    def create_app() -> Flask:
        app = Flask("testapp", root_path=str(tmp_path))
        DashPages(app)
        return app

    return ScriptInfo(create_app=create_app, set_debug_flag=False)


def test_pages_that_cannot_be_registered(without_folder: ScriptInfo) -> None:
    runner = click.testing.CliRunner()
    result = runner.invoke(cli.pages, ["list"], obj=without_folder)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: There is no folder")


def test_check_of_pages_that_cannot_be_registered(without_folder: ScriptInfo) -> None:
    runner = click.testing.CliRunner()
    result = runner.invoke(cli.pages, ["check", "--json"], obj=without_folder)
    (finding,) = json.loads(result.stdout)
    assert (result.exit_code, finding["code"]) == (1, "not-registered")
    assert finding["message"].startswith("There is no folder")
    result = runner.invoke(cli.pages, ["check"], obj=without_folder)
    assert result.stdout.startswith("The app: error: There is no folder")
    assert result.stdout.endswith("1 error, 0 warnings.\n")


@pytest.mark.parametrize(
    "url", ["http://[bad", "http://x:99999/", "ftp://x/home", "/a\nb"]
)
def test_visit_of_what_is_no_url(reports: Flask, url: str) -> None:
    assert "is not " in run(reports, "visit", url).stderr


def test_command_is_there_without_app() -> None:
    setup = ConfigParser()
    setup.read(Path(__file__).parent.parent / "setup.cfg")
    name, _, value = setup["options.entry_points"]["flask.commands"].partition("=")
    point = EntryPoint(name.strip(), value.strip(), "flask.commands")
    assert (point.name, point.load()) == ("pages", cli.pages)


FILES = {
    "home": "register_page(__name__, path='/')\nlayout = ''",
    "report": """
        from functools import partial
        def name_it(id=None): 1 / 0
        def is_known(page, variables): return True
        register_page(
            __name__,
            path='/report',
            path_template='/report/<id>',
            title=name_it,
            guard=[is_known, partial(is_known)],
            redirect_from=['/old/<id>', '/older'],
        )
        layout = ''
    """,
    "not_found_404": "register_page(__name__)\nlayout = ''",
}


def test_list(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(FILES)
    monkeypatch.chdir(app.root_path)
    head, rule, *rows, count = lines(app, "list")
    assert head.split() == "Paths Endpoint Name Title File Guards Redirects".split()
    assert set(rule) == {"-", " "}
    assert [row.split()[0] for row in rows] == ["/", "(status", "/report,"]
    assert rows[0].split() == [
        "/",
        "dash_pages.home",
        "Home",
        "Home",
        "pages/home.py:5",
    ]
    assert rows[1].startswith("(status 404)  ")
    # The functions are not called.
    assert "/report, /report/<id>  " in rows[2]
    assert "  name_it()      " in rows[2]
    assert rows[2].endswith("  is_known, is_known  /old/<id>, /older")
    assert count == "3 pages."


def test_list_of_one_page(make_app: MakeApp) -> None:
    assert lines(make_app({"home": FILES["home"]}), "list")[-1] == "1 page."
    assert lines(make_app(), "list") == ["0 pages."]


@pytest.mark.usefixtures("terminal")
def test_list_in_terminal(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(FILES)
    monkeypatch.chdir(app.root_path)
    found = lines(app, "list")
    assert max(map(len, found)) <= 80
    assert found[:6] == [
        "/",
        "  Endpoint  dash_pages.home",
        "  Name      Home",
        "  Title     Home",
        "  File      pages/home.py:5",
        "",
    ]


def test_list_as_json(make_app: MakeApp) -> None:
    app = make_app(FILES, url_prefix="/figures")
    home, not_found, report = json.loads(run(app, "list", "--json").stdout)
    assert home["paths"] == ["/figures/"]
    assert home["section"] == "dash_pages"
    assert home["status"] is None
    assert (not_found["paths"], not_found["status"]) == ([], 404)
    assert report["paths"] == ["/figures/report", "/figures/report/<id>"]
    assert report["redirects"] == ["/figures/old/<id>", "/figures/older"]
    assert report["guards"] == ["is_known", "is_known"]
    assert report["title"] == "name_it()"


def test_list_of_sections(write_pages: WritePages, bare_app: Flask) -> None:
    write_pages("first", one="register_page(__name__)\nlayout = ''")
    write_pages("second", two="register_page(__name__)\nlayout = ''")

    def is_member() -> bool:
        return True

    DashPages(bare_app, name="public", pages_folder="first")
    guard = guards.require(is_member)
    options = {"pages_folder": "second", "url_prefix": "/staff", "guard": guard}
    DashPages(bare_app, name="staff", **options)  # type: ignore[arg-type]
    head, _, one, two, count = lines(bare_app, "list")
    assert head.endswith("Section")
    assert one.startswith("/one ")
    assert one.endswith("  public")
    assert two.startswith("/staff/two ")
    assert "  is_member  " in two
    assert count == "2 pages."


def test_check_lists_shared_callbacks(make_app: MakeApp) -> None:
    files = {
        "_helper": HELPER,
        "one": GUARDED,
        "two": PAGE.format(""),
        "three": GUARDED,
    }
    assert lines(make_app(files), "check") == [
        "dash_pages: warning: The callback 'out.children' belongs to 'pages.one',"
        " 'pages.three', 'pages.two'. Everybody may call it. [shared-callback]",
        "0 errors, 1 warning.",
    ]


def test_check_finds_nothing(make_app: MakeApp) -> None:
    files = {
        "_helper": HELPER,
        "one": GUARDED,
        "two": f"register_page(__name__, {TEXTS})\nlayout = 'a'",
    }
    assert lines(make_app(files), "check") == ["0 errors, 0 warnings."]


def test_check_lists_other_guards(make_app: MakeApp) -> None:
    files = {"_helper": HELPER, "one": GUARDED, "two": GUARDED}
    assert lines(make_app(files), "check")[0] == (
        "dash_pages: warning: The callback 'out.children' belongs to 'pages.one',"
        " 'pages.two'. Whoever may see one of them may call it. [shared-callback]"
    )


def test_check_of_pages_in_one_module(bare_app: Flask) -> None:
    # The module of the tests registers an open page and a guarded one.
    pages = DashPages(bare_app, pages_folder=None)
    texts = {"title": "A title", "description": "A description"}
    guard = guards.require(lambda: False)
    pages.register_page("one", layout=html.P(id="in"), guard=guard, **texts)
    pages.register_page("two", layout=html.P(id="out"), **texts)

    @pages.callback(Output("out", "children"), Input("in", "value"))
    def update(value: int) -> int:
        return value

    # It makes the app, too.
    assert lines(bare_app, "check") == ["0 errors, 0 warnings."]


def test_check_of_sections(write_pages: WritePages, bare_app: Flask) -> None:
    for name in ("first", "second"):
        write_pages(name, _helper=HELPER, one=GUARDED, two=PAGE.format(""))
        DashPages(bare_app, name=name, url_prefix=f"/{name}", pages_folder=name)

    first, second, count = lines(bare_app, "check")
    assert first.startswith("first: warning: ")
    assert second.startswith("second: warning: ")
    assert count == "0 errors, 2 warnings."


WRONG = f"register_page(__name__, {TEXTS})\nlayout = html.A('a', href='/x')"


def test_check_says_where(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app({"a": WRONG})
    monkeypatch.chdir(app.root_path)
    result = run(app, "check")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "pages/a.py:5: error: A has the href '/x', which leads nowhere in this app."
        " [dead-link]",
        "1 error, 0 warnings.",
    ]
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("page", "args", "code"),
    [
        (WRONG, [], 1),
        ("register_page(__name__)\nlayout = ''", [], 0),
        ("register_page(__name__)\nlayout = ''", ["--strict"], 1),
        (f"register_page(__name__, {TEXTS})\nlayout = ''", ["--strict"], 0),
        (f"register_page(__name__, {TEXTS})\nlayout = ''", ["--slow", "0"], 0),
        (f"register_page(__name__, {TEXTS})\nlayout = ''", ["--slow=0", "--strict"], 1),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_status_of_check(
    make_app: MakeApp, page: str, args: list[str], code: int, as_json: bool
) -> None:
    args = [*args, "--json"] if as_json else args
    assert run(make_app({"a": page}), "check", *args).exit_code == code


def test_check_as_json(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = "\ndef layout():\n    print('printed')\n    return 1 / 0"
    app = make_app({"a": f"register_page(__name__, {TEXTS}){layout}"})
    monkeypatch.chdir(app.root_path)
    result = run(app, "check", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {
            "section": "dash_pages",
            "level": "error",
            "code": "raised",
            "page": "pages.a",
            "message": "The page failed at '/a': ZeroDivisionError: division by zero",
            "source": "pages/a.py:8",
        }
    ]
    assert result.stderr == "printed\n"


def test_check_finds_nothing_as_json(make_app: MakeApp) -> None:
    app = make_app({"a": f"register_page(__name__, {TEXTS})\nlayout = ''"})
    assert json.loads(run(app, "check", "--json").stdout) == []


def test_check_shows_progress_in_terminal(tmp_path: Path) -> None:
    files = {
        "app.py": """
            from flask import Flask
            from flask_dash_pages import DashPages
            app = Flask(__name__)
            pages = DashPages(app)
        """,
        "pages/a.py": """
            import dash
            dash.register_page(__name__, title="A", description="A")
            layout = ""
        """,
    }
    write_files(tmp_path, files)
    terminal, stderr = os.openpty()
    command = [sys.executable, "-m", "flask", "pages", "check", "--json"]
    stdout = subprocess.check_output(command, cwd=tmp_path, stderr=stderr)
    assert json.loads(stdout) == []
    assert b"Rendering" in os.read(terminal, 10_000)
    os.close(stderr)
    os.close(terminal)


def reloaded(app: Flask) -> Flask:
    other = Flask("testapp", root_path=app.root_path)
    DashPages(other, name="other", url_prefix="/figures")
    return other


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/", "home.py"),
        ("/reports/costs", "reports/costs.py"),
        ("reports/costs", "reports/costs.py"),
        ("/report/<id>", "report.py"),
        ("/report/<int:year>/<path:rest>", "report.py"),
        ("/Über uns", "über_uns.py"),
    ],
)
def test_new_page_runs_and_passes_check(
    write_pages: WritePages,
    bare_app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    file: str,
) -> None:
    write_pages(start=f"register_page(__name__, {TEXTS})\nlayout = ''")
    monkeypatch.chdir(bare_app.root_path)
    DashPages(bare_app, url_prefix="/figures")
    assert lines(bare_app, "new", path) == [
        f"Wrote pages/{file}",
        f"The page is at /figures/{path.lstrip('/')}",
    ]
    app = reloaded(bare_app)
    assert "0 errors, 1 warning." in lines(app, "check")
    assert len(bound_pages(app, "other").registry) == 2


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/a/<html>", "The variable 'html' has the name of"),
        ("/a\nb", "cannot be typed"),
    ],
)
def test_new_of_odd_path(make_app: MakeApp, path: str, text: str) -> None:
    app = make_app({"a": "register_page(__name__)\nlayout = ''"})
    assert text in refused(app, "new", path)


def test_new_never_overwrites(make_app: MakeApp) -> None:
    app = make_app({"start": "register_page(__name__)\nlayout = ''"})
    file = Path(app.root_path, "pages", "costs.py")
    file.write_text("# mine", "utf-8")
    error = refused(app, "new", "/costs")
    assert f"There is '{file}' already, and it is not overwritten." in error
    assert file.read_text("utf-8") == "# mine"


def test_new_that_cannot_be_written(make_app: MakeApp) -> None:
    app = make_app({"start": "register_page(__name__)\nlayout = ''"})
    assert "File name too long" in refused(app, "new", "/" + "a" * 300)


def test_new_below_a_file(make_app: MakeApp) -> None:
    app = make_app({"start": "register_page(__name__)\nlayout = ''"})
    Path(app.root_path, "pages", "reports").write_text("", "utf-8")
    assert "is not overwritten" in refused(app, "new", "/reports/costs")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/start", "taken by the endpoint 'dash_pages.start' in "),
        ("/start/", "taken by the endpoint 'dash_pages.start' in "),
        ("/folder", "taken by the endpoint 'folder'."),
        ("/old", "taken by the endpoint 'dash_pages.start_redirect'."),
        ("/health", "taken by the endpoint 'health'."),
        ("/item/<x>", "taken by the endpoint 'item'."),
        ("/a//b", "is not the path of a URL"),
        ("/a?b", "is not the path of a URL"),
        ("/<year:y>", "in PATH uses a converter that the app does not have"),
        ("/<class>", "cannot be the name of a function's argument"),
        ("/<a", "is not the path of a URL|is not a URL rule"),
    ],
)
def test_new_of_path_that_cannot_be_used(
    make_app: MakeApp, path: str, problem: str
) -> None:
    page = "register_page(__name__, redirect_from=['/old'])\nlayout = ''"
    app = make_app({"start": page})
    app.add_url_rule("/health", "health", lambda: "")
    app.add_url_rule("/folder/", "folder", lambda: "")
    app.add_url_rule("/item/<int:x>", "int_item", lambda x: "")
    app.add_url_rule("/item/<x>", "item", lambda x: "")
    error = refused(app, "new", path)
    assert any(each in error for each in problem.split("|")), error
    files = Path(app.root_path, "pages").rglob("*.py")
    assert [path.name for path in files] == ["start.py"]


def test_new_without_folder(make_app: MakeApp) -> None:
    assert "'dash_pages' has no folder for page files" in refused(
        make_app(), "new", "/a"
    )


def test_new_in_section(write_pages: WritePages, bare_app: Flask) -> None:
    for name in ("first", "second"):
        write_pages(name, start="register_page(__name__)\nlayout = ''")
        DashPages(bare_app, name=name, url_prefix=f"/{name}", pages_folder=name)

    assert "Pick one by --section NAME: first, second." in refused(
        bare_app, "new", "/a"
    )
    error = refused(bare_app, "new", "/a", "--section", "third")
    assert "There is no DashPages 'third'. Pick one" in error
    assert lines(bare_app, "new", "/a", "--section", "second")[1] == (
        "The page is at /second/a"
    )
    assert Path(bare_app.root_path, "second", "a.py").exists()


def test_new_with_converter_of_app(make_app: MakeApp) -> None:
    app = make_app({"start": "register_page(__name__)\nlayout = ''"})
    assert lines(app, "new", "/<any(x, y):a>")[-1] == (
        "Give it samples, so that 'flask pages check' can render it."
    )


REPORT = """
    register_page(
        __name__,
        path_template="/report/<int:id>",
        title=lambda id: f"Report {id}",
        description="A description",
        redirect_from=["/old/<int:id>"],
    )
    def layout(id, tab=""):
        return html.Div([html.H1(["Report ", html.B("x")], id="head"), html.P(tab)])
"""


LOGIN = """
    from flask import session
    from flask_dash_pages import guards
    guard = guards.require(
        lambda: "user" in session, otherwise=guards.login_redirect("dash_pages.login")
    )
    register_page(__name__, guard=guard)
    layout = "a"
"""


@pytest.fixture
def reports(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Flask:
    app = make_app({"report": REPORT, "plain": "register_page(__name__)\nlayout = 'a'"})
    app.secret_key = "secret"
    monkeypatch.chdir(app.root_path)
    return app


def without_time(found: list[str]) -> list[str]:
    return [line for line in found if not line.startswith("  Time  ")]


def test_visit(reports: Flask) -> None:
    found = lines(reports, "visit", "/report/7?tab=costs")
    assert any(line.startswith("  Time") and line.endswith(" ms") for line in found)
    assert without_time(found) == [
        "/report/7?tab=costs",
        "  Status       200 OK",
        "  Page         pages.report (pages/report.py:6)",
        "  Endpoint     dash_pages.report",
        "  Variables    id=7",
        "  Title        Report 7",
        "  Description  A description",
        "",
        "Div",
        '  H1 #head "Report …"',
        '    B "x"',
        '  P "costs"',
    ]


@pytest.mark.parametrize(
    "url", ["report/7?tab=a", "/report/7?tab=a#b", "http://localhost/report/7?tab=a"]
)
@pytest.mark.parametrize("root", ["", "/mount"])
def test_url_of_visit(reports: Flask, url: str, root: str) -> None:
    reports.config["APPLICATION_ROOT"] = root or "/"
    url = url.replace("/report", f"{root}/report")
    answer = json.loads(run(reports, "visit", url, "--json").stdout)
    assert (answer["url"], answer["path"]) == (url, f"{root}/report/7?tab=a")


def test_visit_of_text(reports: Flask) -> None:
    assert lines(reports, "visit", "/plain")[-1] == "a"


def test_visit_of_long_list(make_app: MakeApp) -> None:
    page = """
        register_page(__name__)
        layout = [html.Ul([html.Li(f"{n}") for n in range(9)]), html.A("a", href="/b")]
    """
    assert lines(make_app({"a": page}), "visit", "/a")[-6:] == [
        "Ul",
        '  Li "0"',
        '  Li "1"',
        '  Li "2"',
        "  … and 6 more of Li",
        'A "a" → /b',
    ]


def test_visit_of_page_that_fails(make_app: MakeApp) -> None:
    page = "register_page(__name__)\ndef layout(): 1 / 0"
    site = make_app({"a": page}, config={"PROPAGATE_EXCEPTIONS": False})
    result = run(site, "visit", "/a")
    assert result.exit_code == 1
    assert "  Failed    pages.a (" in result.stdout


def test_visit_as_json(reports: Flask) -> None:
    answer = json.loads(run(reports, "visit", "/old/7?tab=a", "--json").stdout)
    assert answer.pop("milliseconds") >= 0
    assert answer.pop("layout")["props"]["children"][1]["props"]["children"] == "a"
    assert answer == {
        "url": "/old/7?tab=a",
        "denied": None,
        "failed": None,
        "status": 200,
        "path": "/report/7?tab=a",
        "page": {"module": "pages.report", "source": "pages/report.py:6"},
        "endpoint": "dash_pages.report",
        "variables": {"id": 7},
        "title": "Report 7",
        "description": "A description",
        "redirects": ["/report/7?tab=a"],
    }


def test_visit_of_redirect_below_root(reports: Flask) -> None:
    reports.config["APPLICATION_ROOT"] = "/mount"
    answer = json.loads(run(reports, "visit", "/old/7", "--json").stdout)
    assert (answer["status"], answer["redirects"]) == (200, ["/mount/report/7"])


def test_visit_of_unknown_path(reports: Flask) -> None:
    result = run(reports, "visit", "/nothing")
    assert result.exit_code == 1
    assert "  Status    404 Not Found" in result.stdout
    assert 'H1 "404 - Page not found"' in result.stdout
    assert run(reports, "visit", "/nothing", "--json").exit_code == 1


def test_visit_of_another_view(reports: Flask) -> None:
    reports.add_url_rule("/health/<x>", "health", lambda x: {"status": x})
    answer = json.loads(run(reports, "visit", "/health/a", "--json").stdout)
    assert (answer["status"], answer["endpoint"]) == (200, "health")
    assert (answer["page"], answer["layout"]) == (None, None)


def test_visit_asks_guards_and_follows(make_app: MakeApp) -> None:
    login = "register_page(__name__)\nlayout = 'Log in'"
    app = make_app({"a": LOGIN, "login": login})
    app.secret_key = "secret"
    answer = json.loads(run(app, "visit", "/a", "--json").stdout)
    assert (answer["status"], answer["path"]) == (200, "/login?next=/a")
    assert answer["redirects"] == ["/login?next=/a"]
    assert answer["denied"]["module"] == "pages.a"
    assert answer["page"]["module"] == "pages.login"
    assert answer["layout"] == "Log in"


def test_visit_that_leads_to_another_host(bare_app: Flask) -> None:
    url = "https://example.org/a"
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page("a", layout=lambda: redirect(url))
    bare_app.add_url_rule("/b", "b", lambda: redirect(url))

    for path in ("/a", "/b"):
        answer = json.loads(run(bare_app, "visit", path, "--json").stdout)
        assert answer["redirects"] == [url]
        assert answer["path"] == path


def test_visit_that_never_ends(bare_app: Flask) -> None:
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page("a", layout=lambda: redirect("/b"))
    pages.register_page("b", layout=lambda: redirect("/a"))
    assert "The redirects do not end: /a, /b, /a." in refused(bare_app, "visit", "/a")


def test_visit_that_needs_shell(make_app: MakeApp) -> None:
    page = "register_page(__name__)\ndef layout(language): return [language]"
    options = {"routing_callback_inputs": {"language": Input("language", "value")}}
    answer = json.loads(
        run(make_app({"a": page}, **options), "visit", "/a", "--json").stdout
    )
    assert (answer["status"], answer["page"]["module"]) == (200, "pages.a")
    assert answer["layout"] == [None]


def test_visit_is_told(reports: Flask) -> None:
    sent: list[t.Any] = []

    def note(sender: Flask, page: t.Any, **extra: t.Any) -> None:
        sent.append(page.module)

    with signals.page_resolved.connected_to(note, reports):
        lines(reports, "visit", "/plain")

    assert sent == ["pages.plain"]


def test_visit_that_prints(make_app: MakeApp) -> None:
    page = (
        "register_page(__name__)\ndef layout():\n    print('printed')\n    return 'a'"
    )
    result = run(make_app({"a": page}), "visit", "/a", "--json")
    assert json.loads(result.stdout)["layout"] == "a"
    assert result.stderr == "printed\n"
