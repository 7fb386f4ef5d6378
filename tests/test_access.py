from __future__ import annotations

import asyncio
import typing as t
from collections.abc import Callable
from collections.abc import Mapping

import pytest
from test_page import make_page
from werkzeug.exceptions import abort
from werkzeug.exceptions import Forbidden
from werkzeug.exceptions import NotFound
from werkzeug.sansio.response import Response

from flask_dash_pages.access import as_guards
from flask_dash_pages.access import ask
from flask_dash_pages.access import may_see
from flask_dash_pages.access import Requirement
from flask_dash_pages.page import Guard
from flask_dash_pages.page import Page

ANSWER = Response("Log in")
INSTEAD = Response("Load")


def sync(function: Callable[..., t.Any]) -> Callable[..., t.Any]:
    return function


def guard_of(answer: t.Any) -> Guard:
    def guard(page: Page, variables: Mapping[str, t.Any]) -> t.Any:
        return answer

    return guard


def aborting(what: t.Any) -> Guard:
    def guard(page: Page, variables: Mapping[str, t.Any]) -> t.NoReturn:
        abort(what)

    return guard


@pytest.mark.parametrize("answer", [None, True])
def test_ask_lets_in(answer: t.Any) -> None:
    assert ask(make_page(), (guard_of(answer),), {}, sync) is None


def test_ask_without_guards() -> None:
    assert ask(make_page(), (), {}, sync) is None


def test_ask_gives_page_and_variables() -> None:
    asked = []
    page, variables = make_page(), {"id": 7}
    ask(
        page,
        (lambda page, variables: asked.append((page, variables)),),
        {"id": 7},
        sync,
    )
    assert asked == [(page, variables)]


@pytest.mark.parametrize(
    ("guard", "error"),
    [
        (guard_of(False), Forbidden),
        (aborting(403), Forbidden),
        (aborting(404), NotFound),
        (guard_of("yes"), TypeError),
        (guard_of(1), TypeError),
        (guard_of(0), TypeError),
        (guard_of(("Log in", 401)), TypeError),
        (guard_of(Requirement(lambda: True)), TypeError),
    ],
)
def test_ask_denies(guard: Guard, error: type[Exception]) -> None:
    with pytest.raises(error):
        ask(make_page(), (guard,), {}, sync)


@pytest.mark.parametrize("guard", [guard_of(ANSWER), aborting(ANSWER)])
def test_ask_answer_of_guard(guard: Guard) -> None:
    assert ask(make_page(), (guard,), {}, sync) is ANSWER


def test_ask_error_names_guard_and_page() -> None:
    with pytest.raises(TypeError, match=r"guard_of.* of 'pages.home' returned 'yes'"):
        ask(make_page(), (guard_of("yes"),), {}, sync)


def test_ask_stops_at_the_first_that_denies() -> None:
    guards = (guard_of(None), guard_of(ANSWER), guard_of("nonsense"))
    assert ask(make_page(), guards, {}, sync) is ANSWER


def test_ask_coroutine_function() -> None:
    async def guard(page: Page, variables: Mapping[str, t.Any]) -> bool:
        return False

    def run(function: Callable[..., t.Any]) -> Callable[..., t.Any]:
        return lambda *args: asyncio.run(function(*args))

    with pytest.raises(Forbidden):
        ask(make_page(), (guard,), {}, run)


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        (guard_of(None), True),
        (guard_of(False), False),
        (guard_of(ANSWER), False),
        (aborting(404), False),
        (Requirement(lambda: True), True),
        (Requirement(lambda: False), False),
    ],
)
def test_may_see(guard: Guard, expected: bool) -> None:
    assert may_see(make_page(), (guard,), {}, sync) is expected


def test_requirement_happens_only_to_visitors_of_the_page() -> None:
    happened = []

    def otherwise() -> Response:
        happened.append("message")
        return ANSWER

    guards = (Requirement(lambda: False, otherwise),)
    assert not may_see(make_page(), guards, {}, sync)
    assert ask(make_page(), guards, {}, sync, INSTEAD) is INSTEAD
    assert happened == []
    assert ask(make_page(), guards, {}, sync) is ANSWER
    assert happened == ["message"]


def test_requirement_without_otherwise() -> None:
    # Nothing happens but status 403, so it need not be put off.
    for instead in (None, INSTEAD):
        with pytest.raises(Forbidden):
            ask(make_page(), (Requirement(lambda: False),), {}, sync, instead)


@pytest.mark.parametrize(
    "predicate",
    [
        lambda: True,
        lambda page: page.module == "pages.home",
        lambda variables: variables["id"] == 7,
        lambda variables, page: (variables["id"], page.path) == (7, "/home"),
        lambda role="any": role == "any",
        lambda **values: set(values) == {"page", "variables"},
    ],
)
def test_requirement_takes(predicate: Callable[..., bool]) -> None:
    assert ask(make_page(), (Requirement(predicate),), {"id": 7}, sync) is None


def test_requirement_that_takes_nothing_by_name() -> None:
    with pytest.raises(TypeError, match="requires 'x'"):
        Requirement(lambda x, /: True)


def test_requirement_that_takes_something_else() -> None:
    with pytest.raises(TypeError, match=r"requires 'role'. It can take 'page' and"):
        Requirement(lambda role: True)


@pytest.mark.parametrize("result", [None, 1, "admin", {"admin"}, print])
def test_requirement_neither_yes_nor_no(result: t.Any) -> None:
    with pytest.raises(TypeError, match=r"returned .*\. Return True or False, such as"):
        ask(make_page(), (Requirement(lambda: result),), {}, sync)


def test_as_guards() -> None:
    one, other = guard_of(None), guard_of(None)
    assert as_guards(None) == as_guards([]) == ()
    assert as_guards(one) == (one,)
    assert as_guards([one, other]) == as_guards((one, other)) == (one, other)
    # A class does not tell what it takes.
    assert as_guards(max) == (max,)


@pytest.mark.parametrize(
    "value", ["admin", 5, True, [None], lambda: True, lambda page: True, lambda *, a: 1]
)
def test_as_guards_refused(value: t.Any) -> None:
    with pytest.raises(TypeError, match=r"not a function of \(page, variables\)"):
        as_guards(value)


def test_requirement_of_a_coroutine_function() -> None:
    async def predicate() -> bool:
        return True

    with pytest.raises(TypeError, match="is a coroutine function. Write a guard"):
        Requirement(predicate)  # type: ignore[arg-type]
