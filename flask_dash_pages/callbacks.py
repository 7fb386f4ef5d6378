"""Which module owns which callback, and the callbacks of each app.

``@dash.callback`` puts what it is given into lists of the process. This is the
only room that touches those lists. They are replaced by ones that look the same,
but lead to another place while pages are imported or served; everywhere else
they lead to the lists that Dash made, so a stock app notices nothing.
"""

from __future__ import annotations

import inspect
import sys
import threading
import typing as t
from collections import UserDict
from collections import UserList
from collections.abc import Callable
from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import replace
from types import FunctionType

from dash import _callback as dash_callback
from dash import ALL
from dash import ALLSMALLER
from dash import Dash
from dash import Output
from dash._callback import BaseBackgroundCallbackManager
from dash._validate import validate_output_spec
from dash.exceptions import CallbackException
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import NotFound

from .declarations import Callbacks
from .declarations import declared
from .declarations import declaring

_lock = threading.Lock()
_place: ContextVar[Callable[[], Callbacks] | None] = ContextVar(
    "flask_dash_pages_callbacks", default=None
)


class _Placed:
    """A collection that is another one in each place."""

    def __init__(self, kind: str, process: t.Any) -> None:
        self.kind = kind
        self.process = process

    @property
    def data(self) -> t.Any:
        place = _place.get()
        return self.process if place is None else getattr(place(), self.kind)


class _PlacedList(_Placed, UserList[t.Any]):  # type: ignore[override]
    pass


class _PlacedDict(_Placed, UserDict[str, t.Any]):  # type: ignore[override]
    pass


# dash.callback and dash.clientside_callback look these names up in their module
# each time they are called, and so does Dash._setup_server.
_KINDS: Mapping[str, tuple[str, type[_Placed]]] = {
    "GLOBAL_CALLBACK_LIST": ("specs", _PlacedList),
    "GLOBAL_INLINE_SCRIPTS": ("scripts", _PlacedList),
    "GLOBAL_CALLBACK_MAP": ("entries", _PlacedDict),
    "GLOBAL_API_PATHS": ("apis", _PlacedDict),
}


def install() -> None:
    """Put the collections in place, once in a process."""
    with _lock:
        for name, (kind, placed) in _KINDS.items():
            held = getattr(dash_callback, name)

            if not isinstance(held, _Placed):
                setattr(dash_callback, name, placed(kind, held))


@contextmanager
def harvest() -> Iterator[None]:
    """Keep the callbacks that are defined meanwhile with the module that is
    being imported.
    """
    token = _place.set(lambda: declaring().callbacks)

    try:
        yield
    finally:
        _place.reset(token)


@contextmanager
def apart() -> Iterator[None]:
    """Keep Dash away from callbacks that wait for another app."""
    nothing = Callbacks()
    token = _place.set(lambda: nothing)

    try:
        yield
    finally:
        _place.reset(token)


def harvesting() -> bool:
    """Whether callbacks are kept with modules right now."""
    return _place.get() is not None


def unclaimed() -> Callbacks:
    """The callbacks that were defined outside of page imports, for the first
    stock app that serves. They stay where they are.
    """
    return _current(
        Callbacks(
            **{
                kind: copy(getattr(dash_callback, name).process)
                for name, (kind, _) in _KINDS.items()
            }
        )
    )


def callbacks_of(dash: Dash) -> Callbacks:
    """The callbacks that an app has."""
    return _current(Callbacks(specs=dash._callback_list, entries=dash.callback_map))


def _current(callbacks: Callbacks) -> Callbacks:
    """``callbacks`` but for those of modules that were imported again since. What is
    kept with these has them again.
    """
    rests = {o for o, entry in callbacks.entries.items() if _is_rest(entry)}
    return _leave_out(callbacks, rests) if rests else callbacks


def _is_rest(entry: Mapping[str, t.Any]) -> bool:
    function = inspect.unwrap(entry.get("callback"))  # type: ignore[arg-type]
    module = sys.modules.get(getattr(function, "__module__", ""))
    return (
        module is not None
        and declared(module) is not None
        and isinstance(function, FunctionType)
        and function.__globals__ is not vars(module)
    )


def _leave_out(callbacks: Callbacks, outputs: Container[str]) -> Callbacks:
    return replace(
        callbacks,
        specs=[spec for spec in callbacks.specs if spec["output"] not in outputs],
        entries={o: e for o, e in callbacks.entries.items() if o not in outputs},
    )


def confused_functions() -> Iterator[tuple[FunctionType, FunctionType]]:
    """Functions of background callbacks that Dash takes for the same, although they
    are defined in different modules.
    """
    found: dict[str, FunctionType] = {}

    # Dash finds what a worker is to call by this list of the process.
    for key, function, _ in BaseBackgroundCallbackManager.functions:
        module = sys.modules.get(function.__module__)

        # Others are left from modules that are gone.
        if module is not None and vars(module) is function.__globals__:
            first = found.setdefault(key, function)

            if first.__module__ != function.__module__:
                yield first, function


def owned_by(callbacks: Callbacks, modules: set[str]) -> Callbacks:
    """Those of ``callbacks`` whose function is defined in one of ``modules``.
    Clientside callbacks do not tell and are left out.
    """
    entries = {
        output: entry
        for output, entry in callbacks.entries.items()
        if getattr(entry.get("callback"), "__module__", None) in modules
    }
    return Callbacks(
        specs=[spec for spec in callbacks.specs if spec["output"] in entries],
        entries=entries,
    )


def function_modules(callbacks: Callbacks) -> set[str]:
    """The modules in which the functions of ``callbacks`` are defined."""
    functions = (entry.get("callback") for entry in callbacks.entries.values())
    return {name for f in functions if (name := getattr(f, "__module__", None))}


def without(callbacks: Callbacks, modules: set[str]) -> Callbacks:
    """``callbacks`` but for those whose function is defined in one of ``modules``."""
    return _leave_out(callbacks, owned_by(callbacks, modules).entries)


def replay(
    dash: Dash, harvests: Iterable[Callbacks], given: dict[int, dict[str, t.Any]]
) -> None:
    """Give callbacks to ``dash``.

    :param given: The callbacks that it was given earlier, by identity. They are
        not given again.
    """
    # These are the attributes in which Dash._setup_server collects what it takes
    # from the lists of the process.
    specs, entries = dash._callback_list, dash.callback_map
    scripts = dash._inline_scripts
    known = set(scripts)

    for callbacks in harvests:
        for spec in callbacks.specs:
            if id(spec) in given:
                continue

            given[id(spec)] = spec
            specs.append(dict(spec))
            output = spec["output"]

            if output in callbacks.entries:
                entries[output] = _copy(callbacks.entries[output])

        for script in callbacks.scripts:
            if script not in known:
                known.add(script)
                scripts.append(script)


def defining_modules(
    dash: Dash, harvests: Mapping[str, Callbacks]
) -> dict[str, set[str]]:
    """The output of each callback of ``dash``, and the names of the modules that define
    it. None if nobody knows, and several if callbacks have the same output.

    :param harvests: What was kept with modules, by their names.
    """
    modules: dict[str, set[str]] = {
        spec["output"]: set() for spec in dash._callback_list
    }

    for output, entry in dash.callback_map.items():
        name = getattr(entry.get("callback"), "__module__", None)
        modules.setdefault(output, set()).update({name} if name else ())

    for name, callbacks in harvests.items():
        for spec in callbacks.specs:
            modules[spec["output"]].add(name)

    return modules


def cancelling(dash: Dash) -> dict[str, list[str]]:
    """The outputs of the callbacks that Dash will make when it starts, to cancel
    others, and the outputs of those.
    """
    found: dict[str, list[str]] = {}

    for output, entry in dash.callback_map.items():
        for cancel in (entry.get("background") or {}).get("cancel_inputs", ()):
            found.setdefault(f"{cancel.component_id_str()}.id", []).append(output)

    return found


def _copy(entry: dict[str, t.Any]) -> dict[str, t.Any]:
    # Dash._setup_server takes "cancel_inputs" out of the background settings, and
    # the next app needs them again.
    background = entry.get("background")
    return {**entry, "background": dict(background) if background else background}


def called_output(body: t.Any) -> str:
    """The output of the callback that ``body`` calls.

    :raises BadRequest: If it names none.
    """
    output = body.get("output") if isinstance(body, dict) else None

    if not isinstance(output, str):
        raise BadRequest("A call of a callback names its output.")

    return output


def check_call(body: t.Any, entries: Mapping[str, t.Any]) -> None:
    """Check that ``body`` calls one of the callbacks in ``entries``.

    :raises NotFound: If there is no such callback.
    :raises BadRequest: If it does not fit the callback.
    """
    output = called_output(body)
    entry = entries.get(output)

    if entry is None or "callback" not in entry:
        raise NotFound("There is no callback for the output.")

    outputs, expected = body.get("outputs", []), entry["output"]

    if not isinstance(expected, (list, tuple)):
        outputs, expected = [outputs], [expected]

    changed = body.get("changedPropIds", [])

    if not (
        _fits(outputs, expected)
        and all(map(_is_output, outputs, expected))
        and _fits(body.get("inputs", []), entry["inputs"])
        and _fits(body.get("state", []), entry["state"])
        and isinstance(changed, list)
        and all(isinstance(name, str) for name in changed)
    ):
        raise BadRequest("The call does not fit the callback.")

    try:
        validate_output_spec(expected, outputs, Output)
    except CallbackException as e:
        raise BadRequest("The call has other outputs than the callback.") from e


def _fits(given: t.Any, expected: Sequence[t.Any]) -> bool:
    return (
        isinstance(given, list)
        and len(given) == len(expected)
        and all(map(_is_reference, given))
    )


def _is_output(given: t.Any, expected: Output) -> bool:
    return isinstance(given, dict) or _has_pattern(expected)


def _has_pattern(output: Output) -> bool:
    """Whether ``output`` stands for a list of components."""
    wildcards = {ALL, ALLSMALLER}
    component_id = output.component_id
    return isinstance(component_id, dict) and not wildcards.isdisjoint(
        value for value in component_id.values() if isinstance(value, type(ALL))
    )


def _is_reference(given: t.Any) -> bool:
    # A pattern stands for a list of components.
    if isinstance(given, list):
        return all(isinstance(item, dict) and _is_reference(item) for item in given)

    return (
        isinstance(given, dict)
        and isinstance(given.get("id"), (str, dict))
        and isinstance(given.get("property"), str)
    )
