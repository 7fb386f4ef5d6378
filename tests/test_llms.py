from __future__ import annotations

from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from flask_dash_pages.llms import Link
from flask_dash_pages.llms import llms_text
from flask_dash_pages.llms import plain
from flask_dash_pages.llms import Section


def test_llms_text() -> None:
    lines = llms_text(
        "World",
        "All\nof it.",
        ["A note."],
        [
            Section("Pages", [Link("A [b]", "http://h/(a)", "Words"), Link("C", "/c")]),
            Section("Nothing", []),
        ],
    )
    assert "".join(lines) == (
        "# World\n\n> All of it.\n\nA note.\n\n## Pages\n\n"
        "- [A \\[b\\]](http://h/%28a%29): Words\n- [C](/c)\n"
    )


def test_llms_text_without_anything() -> None:
    assert "".join(llms_text("World", "", [], [])) == "# World\n"


@given(st.text() | st.text("_*~`[]<>&;#!\\ a0(é‿\n"))
@example("__0__")
def test_plain_text_is_text(text: str) -> None:
    (_, inline, _) = MarkdownIt("commonmark", {"html": True}).parse(f"# a{plain(text)}")
    children = inline.children or []
    assert {child.type for child in children} <= {"text", "text_special"}
