"""What is in a component tree.

The tree is the layout as the browser gets it: what its JSON is read as.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterator

#: Of texts that only remind of what they are about.
_TEXT_LENGTH = 40


class Component(t.NamedTuple):
    """One component of a tree."""

    type: str
    #: As text. ``None`` if it has none.
    id: str | None
    props: dict[str, t.Any]
    #: How many components it is in.
    depth: int

    @property
    def text(self) -> str:
        """The beginning of the text that it shows itself."""
        children = self.props.get("children")
        nodes = children if isinstance(children, list) else [children]
        words = " ".join(str(n) for n in nodes if isinstance(n, (str, int, float)))
        text = " ".join(words.split())
        return f"{text[:_TEXT_LENGTH]}…" if len(text) > _TEXT_LENGTH else text


def components(tree: t.Any, depth: int = 0) -> Iterator[Component]:
    """The components of ``tree``, in any prop, and those around others first."""
    if isinstance(tree, list):
        for node in tree:
            if isinstance(node, (list, dict)):
                yield from components(node, depth)
    elif isinstance(tree, dict):
        props = tree.get("props")

        if isinstance(props, dict) and "namespace" in tree:
            component_id = props.get("id")
            name = None if component_id is None else id_text(component_id)
            yield Component(str(tree.get("type")), name, props, depth)
            depth += 1
            tree = props

        yield from components([*tree.values()], depth)


def id_text(component_id: t.Any) -> str:
    """An id as text, as the browser compares ids."""
    if isinstance(component_id, str):
        return component_id

    return json.dumps(component_id, sort_keys=True, separators=(",", ":"))


def id_matches(pattern: str, component_id: str) -> bool:
    """Whether the id of a callback stands for that of a component. Both are text, and
    the id of a callback may have wildcards.
    """
    if pattern == component_id:
        return True

    wanted, given = _as_dict(pattern), _as_dict(component_id)
    return (
        wanted is not None
        and given is not None
        and wanted.keys() == given.keys()
        # Dash writes a wildcard as a list with its name.
        and all(
            isinstance(value, list) or value == given[key]
            for key, value in wanted.items()
        )
    )


def _as_dict(component_id: str) -> dict[str, t.Any] | None:
    if not component_id.startswith("{"):
        return None

    try:
        value = json.loads(component_id)
    except ValueError:
        return None

    return value if isinstance(value, dict) else None
