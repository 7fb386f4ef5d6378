from __future__ import annotations

import pickle
import re
import subprocess
import sys
import typing as t
from importlib import import_module
from pathlib import Path
from textwrap import dedent

import pytest
from conftest import bound_pages
from conftest import JSON
from conftest import MakeApp
from conftest import new_app
from conftest import write_files
from conftest import WritePages
from flask import Flask
from markupsafe import escape

from flask_dash_pages import DashPages
from flask_dash_pages import PageError
from flask_dash_pages.discovery import page_files

PAGE = "register_page(__name__)\nlayout = 'text'"


def paths_of(app: Flask) -> dict[str, str]:
    return {page.module: page.path for page in bound_pages(app).registry.values()}


def test_page_files(tmp_path: Path) -> None:
    for name in [
        "b.py",
        "a.py",
        "my-page.py",
        "_helper.py",
        ".hidden.py",
        "__init__.py",
        "notes.txt",
        "sub/c.py",
        "sub/sub/d.py",
        "_private/e.py",
        ".git/f.py",
        "__pycache__/g.py",
    ]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("register_page(__name__)")

    (tmp_path / "helper.py").write_text("x = 1")
    names = [path.relative_to(tmp_path).as_posix() for path in page_files(tmp_path)]
    assert names == ["a.py", "b.py", "my-page.py", "sub/c.py", "sub/sub/d.py"]


def test_folder_is_searched_below(make_app: MakeApp) -> None:
    app = make_app(
        {
            "home": "register_page(__name__, path='/')\nlayout = ''",
            "my-page": PAGE,
            "reports/summary_2020": PAGE,
            "subpages/report": PAGE,
            "pages/pages": PAGE,
            "helper": "value = 1",
        }
    )
    assert paths_of(app) == {
        "pages.home": "/",
        "pages.my-page": "/my-page",
        "pages.pages.pages": "/pages/pages",
        "pages.reports.summary_2020": "/reports/summary-2020",
        "pages.subpages.report": "/subpages/report",
    }


@pytest.mark.parametrize(
    ("folder", "module"),
    [
        ("views", "views.a"),
        ("nested/deep", "nested.deep.a"),
        ("my-views", "my-views.a"),
    ],
)
def test_folder_relative(
    tmp_path: Path, write_pages: WritePages, folder: str, module: str
) -> None:
    write_pages(folder, a=PAGE)
    app = new_app(tmp_path)
    DashPages(app, pages_folder=folder)
    assert paths_of(app) == {module: "/a"}


@pytest.mark.parametrize("kind", [str, Path])
def test_folder_absolute(
    tmp_path: Path, write_pages: WritePages, kind: type[t.Any]
) -> None:
    folder = write_pages("elsewhere/mine", a=PAGE, b="from .a import layout\n" + PAGE)
    root = tmp_path / "root"
    root.mkdir()
    app = new_app(root)
    DashPages(app, pages_folder=kind(folder))
    assert list(paths_of(app).values()) == ["/a", "/b"]


@pytest.mark.parametrize("folder", [None, ""])
def test_folder_none(
    tmp_path: Path, write_pages: WritePages, folder: str | None
) -> None:
    write_pages(a=PAGE)
    app = new_app(tmp_path)
    DashPages(app, pages_folder=folder)
    assert paths_of(app) == {}


def test_folder_missing(bare_app: Flask) -> None:
    with pytest.raises(PageError, match=r"no folder '.*/pages'.*pages_folder=None"):
        DashPages(bare_app)


def test_folder_is_that_of_the_app(tmp_path: Path) -> None:
    with pytest.raises(PageError, match=r"pages_folder '\.' is that of the app"):
        DashPages(new_app(tmp_path), pages_folder=".")


def test_folders_with_one_name_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apps = []

    for name in ["one", "two"]:
        folder = tmp_path / name / "pages" / "sub"
        folder.mkdir(parents=True)
        page = f"import dash\ndash.register_page(__name__)\nlayout = {name!r}"
        (folder / "a.py").write_text(page)
        monkeypatch.syspath_prepend(tmp_path / name)

    # The last one is found first.
    for name in ["two", "one"]:
        apps.append(new_app(tmp_path / name))
        DashPages(apps[-1])

    assert [bound_pages(app).registry["pages.sub.a"].layout for app in apps] == [
        "two",
        "one",
    ]


@pytest.mark.parametrize("init", [True, False])
def test_folder_behind_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, init: bool
) -> None:
    folder = tmp_path / "release" / "pages"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "current").symlink_to("release")

    for name in ["a", "sub/b", *["__init__", "sub/__init__"] * init]:
        text = "" if "init" in name else "import dash\ndash.register_page(__name__)"
        (folder / f"{name}.py").write_text(f"{text}\nlayout = ''")

    monkeypatch.syspath_prepend(tmp_path / "current")

    # A factory is called again.
    for _ in range(2):
        app = new_app(tmp_path / "current")
        DashPages(app)
        assert list(paths_of(app).values()) == ["/a", "/sub/b"]


def test_file_is_hidden_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ["one", "two"]:
        (tmp_path / name / "pages").mkdir(parents=True)
        (tmp_path / name / "pages" / "a.py").write_text(
            "import dash\ndash.register_page(__name__, layout='')"
        )
        monkeypatch.syspath_prepend(tmp_path / name)

    with pytest.raises(PageError, match=r"one.*a.py' cannot .* there is '.*two.*a.py"):
        DashPages(new_app(tmp_path / "one"))


def test_modules_import_each_other(make_app: MakeApp) -> None:
    app = make_app(
        {
            "a": """
                from . import b
                from .helpers import text
                from pages.sub.c import layout as other
                register_page(__name__)
                layout = text + b.layout + other
            """,
            "b": "register_page(__name__)\nlayout = 'b'",
            "helpers": "text = 'text '",
            "sub/c": """
                from ..helpers import text
                register_page(__name__)
                layout = 'c'
            """,
        }
    )
    pages = bound_pages(app).registry
    assert list(pages) == ["pages.a", "pages.b", "pages.sub.c"]
    assert pages["pages.a"].layout == "text bc"
    assert sys.modules["pages.a"].b is sys.modules["pages.b"]


def test_module_is_in_sys_modules_while_it_runs(make_app: MakeApp) -> None:
    app = make_app(
        {
            "a": """
                import dataclasses, pickle, sys
                register_page(__name__)

                @dataclasses.dataclass
                class Point:
                    x: "dataclasses.InitVar[int]"

                assert sys.modules[__name__].Point is Point
                layout = pickle.dumps(Point).hex()
            """
        }
    )
    page = bound_pages(app).registry["pages.a"]
    assert pickle.loads(bytes.fromhex(page.layout)) is sys.modules["pages.a"].Point


def test_page_reads_current_app_on_import(make_app: MakeApp) -> None:
    app = make_app(
        {
            "a": """
                from flask import current_app
                register_page(__name__)
                layout = current_app.config["WORD"]
            """
        },
        config={"WORD": "word"},
    )
    assert bound_pages(app).registry["pages.a"].layout == "word"


def test_several_pages_by_one_file(make_app: MakeApp) -> None:
    app = make_app(
        {
            "many": """
                for name in ["x", "y"]:
                    register_page(f"{__name__}.{name}", layout=name)
            """
        }
    )
    assert paths_of(app) == {"pages.many.x": "/many/x", "pages.many.y": "/many/y"}


def test_same_names_in_other_folder(tmp_path: Path, write_pages: WritePages) -> None:
    apps = {}

    for name in ["one", "other"]:
        write_pages(
            f"{name}/pages",
            home="""
                import pickle
                register_page(__name__)

                class Point:
                    pass

                def layout():
                    from .text import text
                    assert pickle.loads(pickle.dumps(Point)) is Point
                    return [text, page_registry[__name__].path]
            """,
            text=f"text = {name!r}",
        )
        app = new_app(tmp_path / name)
        DashPages(app)
        apps[name] = app

    for name, app in apps.items():
        assert list(bound_pages(app).registry) == ["pages.home"]
        assert bound_pages(app).registry["pages.home"].endpoint == "dash_pages.home"
        response = app.test_client().get("/home", headers=JSON)
        assert response.json["layout"] == [name, "/home"]  # type: ignore[index]

    third = new_app(tmp_path / "other")
    DashPages(third)
    response = third.test_client().get("/home", headers=JSON)
    assert response.json["layout"] == ["other", "/home"]  # type: ignore[index]


def test_absolute_import_from_pages_of_another_app(
    tmp_path: Path, write_pages: WritePages
) -> None:
    page = "from pages.text import text\nregister_page(__name__)\nlayout = text"

    for name in ["one", "other"]:
        write_pages(f"{name}/pages", a=page, text=f"text = {name!r}")

    DashPages(new_app(tmp_path / "one"))

    with pytest.raises(
        PageError,
        match=r"/other/pages/a.py' imports 'pages.text', but .* relative import",
    ):
        DashPages(new_app(tmp_path / "other"))


@pytest.mark.parametrize("folder", ["json", "flask", "site", "xmlrpc"])
def test_folder_with_the_name_of_a_module(
    tmp_path: Path, write_pages: WritePages, folder: str
) -> None:
    before = sys.modules.get(folder)
    write_pages(folder, a=PAGE)

    with pytest.raises(
        PageError, match=rf"/{folder}' cannot be imported, because there"
    ):
        DashPages(new_app(tmp_path), pages_folder=folder)

    assert sys.modules.get(folder) is before


def test_folder_with_a_link_to_itself(tmp_path: Path, write_pages: WritePages) -> None:
    (write_pages(a=PAGE) / "loop").symlink_to(tmp_path, target_is_directory=True)
    app = new_app(tmp_path)
    DashPages(app)
    assert paths_of(app) == {"pages.a": "/a"}


def test_package_init_runs(make_app: MakeApp) -> None:
    app = make_app(
        {
            "__init__": "text = 'from the package'",
            "a": "from . import text as layout\nregister_page(__name__)",
        }
    )
    assert bound_pages(app).registry["pages.a"].layout == "from the package"


def test_module_imported_earlier(
    tmp_path: Path, write_pages: WritePages, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pages(
        "early_pages",
        home="""
            try:
                register_page(__name__)
            except Exception:
                pass

            layout = "Home"
        """,
    )
    monkeypatch.syspath_prepend(tmp_path)
    __import__("early_pages.home")
    app = new_app(tmp_path)
    DashPages(app, pages_folder="early_pages")
    assert paths_of(app) == {"early_pages.home": "/home"}


def test_pages_of_an_installed_package(tmp_path: Path) -> None:
    package = tmp_path / "mysite"
    (package / "pages").mkdir(parents=True)
    (package / "__init__.py").write_text(
        dedent(
            """
            from flask import Flask
            from flask_dash_pages import DashPages

            def create_app():
                app = Flask(__name__)
                DashPages(app)
                return app
            """
        )
    )
    (package / "factory.py").write_text(
        dedent(
            """
            from flask import Flask
            from flask_dash_pages import DashPages

            def create_app():
                app = Flask(__name__)
                DashPages(app)
                return app
            """
        )
    )
    (package / "pages" / "a.py").write_text(
        dedent(
            """
            import dash
            import mysite.pages.b
            dash.register_page(__name__)
            layout = "a"
            """
        )
    )
    (package / "pages" / "b.py").write_text(
        dedent(
            """
            import dash
            dash.register_page(__name__)
            layout = "b"
            """
        )
    )
    code = dedent(
        """
        import mysite, mysite.factory

        for create_app in [mysite.create_app, mysite.factory.create_app]:
            pages = create_app().extensions["dash_pages"]["dash_pages"].registry
            assert {page.module: page.path for page in pages.values()} == {
                "mysite.pages.a": "/a", "mysite.pages.b": "/b"
            }, pages
        """
    )
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd="/",
        env={"PYTHONPATH": str(tmp_path)},
    )


def test_register_page_without_a_name(make_app: MakeApp) -> None:
    with pytest.raises(PageError, match=r"Write register_page\(__name__, ...\)"):
        make_app({"a": "register_page(path='/a')\nlayout = ''"})


@pytest.mark.parametrize("debug", [True, False])
def test_page_file_that_is_added_later(
    make_app: MakeApp, write_pages: WritePages, debug: bool
) -> None:
    app = make_app({"a": PAGE, "b": "# no register_page\n" + PAGE})
    app.debug = debug
    client = app.test_client()
    assert "was added" not in client.get("/c").text
    folder = write_pages(c=PAGE)
    response = client.get("/c")
    assert response.status_code == 404
    assert "404 - Page not found" in response.text
    hint = f"{folder}/c.py' was added after the server was started"
    assert (str(escape(hint)) in response.text) is debug
    page = client.get("/c", headers=JSON).get_json()
    assert (hint in str(page["layout"])) is debug


def test_package_that_is_found_by_a_path_with_dots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "dotted/__init__.py": """
            from flask import Flask
            from flask_dash_pages import DashPages

            def create_app():
                app = Flask(__name__)
                DashPages(app, url_prefix="/dotted")
                return app
        """,
        "dotted/data.py": "TEXT = 'The data'",
        "dotted/pages/a.py": """
            import dash
            from ..data import TEXT
            dash.register_page(__name__, path="/")
            layout = TEXT
        """,
        "dotted/pages/b.py": """
            import dash
            from dotted.pages import a
            dash.register_page(__name__)
            layout = a.layout
        """,
    }
    write_files(tmp_path, files)
    (tmp_path / "bin").mkdir()
    monkeypatch.syspath_prepend(f"{tmp_path}/bin/..")
    app = import_module("dotted").create_app()
    client = app.test_client()
    assert "The data" in client.get("/dotted/").text
    assert "The data" in client.get("/dotted/b").text
    assert list(bound_pages(app).registry) == ["dotted.pages.a", "dotted.pages.b"]


def test_pages_folder_beside_the_name_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "beside"
    (package / "pages").mkdir(parents=True)
    (package / "__init__.py").write_text(
        dedent(
            """
            from flask import Flask
            from flask_dash_pages import DashPages

            pages = DashPages()

            def create_app():
                app = Flask(__name__)
                pages.init_app(app)
                return app
            """
        )
    )
    (package / "pages" / "a.py").write_text(
        "import dash\ndash.register_page(__name__)\nlayout = ''"
    )
    monkeypatch.syspath_prepend(tmp_path)
    module = __import__("beside")

    for _ in range(2):
        assert paths_of(module.create_app()) == {"beside.pages.a": "/a"}

    assert isinstance(module.pages, DashPages)


def test_page_file_raises(make_app: MakeApp) -> None:
    with pytest.raises(
        PageError,
        match=r"'.*/pages/broken.py:\d+' could not be imported: ZeroDivisionError: div",
    ) as error:
        make_app({"broken": "register_page(__name__)\n1 / 0"})

    assert isinstance(error.value.__cause__, ZeroDivisionError)
    assert "pages.broken" not in sys.modules


def test_page_file_raises_and_is_mended(
    tmp_path: Path, make_app: MakeApp, write_pages: WritePages
) -> None:
    with pytest.raises(PageError):
        make_app({"home": "register_page(__name__)\nlayout = nothing"})

    app = make_app({"home": "register_page(__name__)\nlayout = 'text and more'"})
    assert paths_of(app) == {"pages.home": "/home"}


PAGE_CONFIG = {"DASH_PAGES_IMPORT_ERRORS": "page", "TESTING": False}


@pytest.mark.parametrize(
    ("name", "text", "path"),
    [
        ("broken", "register_page\n1 / 0", "/broken"),
        ("broken", "register_page(__name__, path='/other')\n1 / 0", "/other"),
        ("broken", "register_page(__name__, layout='half')\n1 / 0", "/broken"),
        ("in/broken", "register_page(", "/in/broken"),
        ("broken", "import nothing_at_all, register_page", "/broken"),
        ("broken", "register_page(__name__, path='no slash')", "/broken"),
    ],
)
def test_import_error_as_a_page(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture, name: str, text: str, path: str
) -> None:
    app = make_app({name: text, "home": PAGE}, config=PAGE_CONFIG)
    (record,) = caplog.records
    assert "broken.py" in record.getMessage()
    assert "Traceback" in caplog.text
    client = app.test_client()
    assert client.get("/home").status_code == 200
    caplog.clear()
    response = client.get(path)
    assert response.status_code == 500
    assert "500 - Internal server error" in response.text
    assert "broken.py" not in response.text
    assert [r.getMessage() for r in caplog.records] == [f"Exception on {path} [GET]"]


@pytest.mark.parametrize("name", ["not_found_404", "forbidden_403", "error_500"])
def test_import_error_of_a_page_for_errors(make_app: MakeApp, name: str) -> None:
    for text in ("register_page\n1 / 0", "register_page(__name__)\n1 / 0"):
        app = make_app({name: text}, config=PAGE_CONFIG)
        response = app.test_client().get("/nothing")
        assert response.status_code == 404
        assert "404 - Page not found" in response.text


def test_import_error_is_behind_the_guard(make_app: MakeApp) -> None:
    app = make_app(
        {"broken": "register_page\n1 / 0"},
        config=PAGE_CONFIG,
        guard=lambda page, variables: False,
    )
    assert app.test_client().get("/broken").status_code == 403


def test_import_error_in_debug(make_app: MakeApp) -> None:
    config = {**PAGE_CONFIG, "DEBUG": True}
    app = make_app({"broken": "register_page\n1 / 0"}, config=config)

    with pytest.raises(PageError, match="could not be imported") as raised:
        app.test_client().get("/broken")

    assert isinstance(raised.value.__cause__, ZeroDivisionError)


def test_callbacks_of_import_error_are_left_out(make_app: MakeApp) -> None:
    text = """
        register_page(__name__)
        @callback(Output("left-out", "children"), Input("in", "value"))
        def update(value): return value
        1 / 0
    """
    app = make_app({"broken": text}, config=PAGE_CONFIG)
    assert "left-out" not in app.test_client().get("/_dash-dependencies").text


def test_page_file_with_a_dot(make_app: MakeApp) -> None:
    with pytest.raises(PageError, match=r"'.*/old\.home\.py' cannot .* dot .*'_'"):
        make_app({"old.home": PAGE})


def test_package_init_raises(make_app: MakeApp) -> None:
    with pytest.raises(PageError, match=r"'.*/__init__.py' could not be imported"):
        make_app({"__init__": "1 / 0", "a": PAGE})


@pytest.mark.parametrize(
    "source",
    [
        "from app import pages",
        "from app import app\n@app.callback(dash.Output('a', 'b'))\ndef f(): pass",
        "@app.callback(dash.Output('a', 'b'))\ndef f(): pass",
        "from flask import current_app as app\n"
        "@app.callback(dash.Output('a', 'b'))\ndef f(): pass",
    ],
    ids=["circular", "imported", "undefined", "flask"],
)
def test_page_wants_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.py").write_text(
        f"import dash\n{source}\ndash.register_page(__name__)\nlayout = ''"
    )
    (tmp_path / "app.py").write_text(
        "from flask import Flask\nfrom flask_dash_pages import DashPages\n"
        "app = Flask(__name__)\npages = DashPages(app)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(PageError, match=r"a.py:\d' could .* Use 'from dash import"):
        import_module("app")


def test_page_fails_for_another_reason(make_app: MakeApp) -> None:
    with pytest.raises(PageError, match=r"NameError: name 'x' is not defined$"):
        make_app({"a": "# register_page\nx"})


FILE = "import dash\ndash.register_page(__name__, path='/')\nlayout = 'a'"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"pages/a.py": "layout = 'a'"}, r"a.py' has a layout .* Call register_page"),
        (
            {"pages/a.py": FILE, "pages/b.py": "def layout(): pass"},
            r"b.py' has a layout and is no page. Call register_page",
        ),
        ({"pages/a.txt": "", "b.py": FILE}, r"b.py' is no page. Move it into .*pages'"),
        ({"pages/a.py": FILE, "b.py": FILE}, r"b.py' is no page. Move it into"),
        (
            {"pages/a.txt": ""},
            r"folder '.*pages' has no pages. Page files have names that end with .py",
        ),
    ],
)
def test_strays(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    files: dict[str, str],
    message: str,
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    # None of them is read.
    (tmp_path / "c.py").mkdir()
    (tmp_path / "d.py").symlink_to(tmp_path / "nothing")
    app = new_app(tmp_path)
    DashPages(app)
    client = app.test_client()
    client.get("/")
    client.get("/")
    (record,) = caplog.records
    assert re.search(message, record.getMessage())


def test_folder_without_pages_beside_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "pages").mkdir()
    app = new_app(tmp_path)
    DashPages(app).register_page("a", path="/", layout="a")
    assert app.test_client().get("/").status_code == 200
    assert caplog.records == []
