"""Names that are derived from other names. Values in, values out."""

from __future__ import annotations

import re
import typing as t
from pathlib import PurePath

IMAGE_EXTENSIONS = ("apng", "avif", "gif", "jpeg", "jpg", "png", "svg", "webp")

#: A variable part of a path template: its converter with arguments, its name.
VARIABLE = re.compile(r"<(?:([^<>]*):)?([^<>]*)>")


def module_package(
    root_path: PurePath, root_package: str, folder: PurePath
) -> tuple[str, ...]:
    """The parts of the package name for the page files in ``folder``.

    :param root_package: The package that ``root_path`` is the folder of, or an
        empty string.
    """
    if folder.is_relative_to(root_path):
        parts = folder.relative_to(root_path).parts
        return (*root_package.split("."), *parts) if root_package else parts

    return tuple(part for part in folder.parts if part != folder.anchor)


def page_path(module: str, packages: t.Iterable[str] = ()) -> str:
    """``pages.reports.summary_2020`` to ``/reports/summary-2020``.

    :param packages: Names to cut off the front of the module's name.
    """
    for package in packages:
        if module.startswith(f"{package}."):
            module = module[len(package) + 1 :]
            break

    return "/" + module.replace("_", "-").replace(".", "/").lower()


def default_path(template: str) -> str:
    """``/asset/<asset_id>`` to ``/asset/none``."""
    return VARIABLE.sub("none", template)


def page_name(module: str) -> str:
    """``pages.weekly_analytics`` to ``Weekly analytics``."""
    return module.rpartition(".")[2].replace("_", " ").capitalize()


def page_endpoint(module: str, packages: t.Iterable[str] = ()) -> str:
    """``pages.reports.summary`` to ``reports_summary``."""
    return slug(page_path(module, packages))


def slug(text: str) -> str:
    """``text`` as one word. Flask reads dots in endpoints as blueprints."""
    return re.sub(r"\W+", "_", VARIABLE.sub("", text)).strip("_") or "index"


def rule_key(rule: str) -> str:
    """The same text for rules that match the same paths."""
    return VARIABLE.sub(lambda m: f"<{m[1] or 'default'}>", rule).rstrip("/") or "/"


def variable_names(rule: str) -> list[str]:
    """The names of the variables in ``rule``, in order."""
    return [match[2] for match in VARIABLE.finditer(rule)]


def page_image(module: str, files: t.Iterable[str]) -> str | None:
    """The image among ``files`` that is named as the page's module, else the
    one that is named ``app``, else ``logo``.
    """
    own = module.rpartition(".")[2]
    images: dict[str, str] = {}

    for file in files:
        stem, _, extension = file.partition(".")

        if extension.lower() in IMAGE_EXTENSIONS:
            images.setdefault(stem, file)

    for stem in (own, own.replace("_", "-"), "app", "logo"):
        if stem in images:
            return images[stem]

    return None
