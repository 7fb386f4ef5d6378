"""The tags in the head of the page that belong to the visit."""

from __future__ import annotations

from markupsafe import Markup

from .visit import Visit

_NAME = Markup('<meta name="{}" content="{}">')
_PROPERTY = Markup('<meta property="{}" content="{}">')
_CANONICAL = Markup('<link rel="canonical" href="{}">')


def tags(visit: Visit, *, url: str, image: str | None, canonical: str | None) -> Markup:
    """The description and the tags for sites on which the page is shared.

    :param url: The URL that was asked for.
    :param image: The full URL of the image, if there is one.
    :param canonical: The URL under which the page is to be known, if it should be
        told.
    """
    lines = [
        _NAME.format("description", visit.description),
        _PROPERTY.format("twitter:card", "summary_large_image"),
        _PROPERTY.format("twitter:url", url),
        _PROPERTY.format("twitter:title", visit.title),
        _PROPERTY.format("twitter:description", visit.description),
        _PROPERTY.format("twitter:image", image or ""),
        _PROPERTY.format("og:title", visit.title),
        _PROPERTY.format("og:type", "website"),
        _PROPERTY.format("og:description", visit.description),
        _PROPERTY.format("og:image", image or ""),
    ]

    if canonical is not None:
        lines.append(_PROPERTY.format("og:url", canonical))
        lines.append(_CANONICAL.format(canonical))

    return Markup("\n      ").join(lines)
