"""What is kept: the views of pages, and nothing about the visitors."""

from __future__ import annotations

from datetime import datetime
from datetime import timezone
from pathlib import Path

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


def utc_now() -> datetime:
    """The time in UTC, without a time zone, which SQLite does not keep."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


def folder() -> Path:
    """The folder of the current app's SQLite file."""
    return Path(db.engine.url.database or "").parent


class View(db.Model):  # type: ignore[name-defined, misc]
    """One visit of one page."""

    id: Mapped[int] = mapped_column(primary_key=True)
    #: In UTC.
    at: Mapped[datetime] = mapped_column(index=True)
    #: The name of the page. ``None`` for paths that have none.
    page: Mapped[str | None]
    #: The rule of the URL, such as ``/explore/country/<country>``. What a visitor typed
    #: into the address may be personal.
    rule: Mapped[str]
    status: Mapped[int]
    #: How long the functions of the page took, in seconds. Only if it was shown.
    duration: Mapped[float | None]
    #: The host that had the link. Empty if there was none, or it is not told.
    referrer: Mapped[str]
    #: Whether the visitor was on this site already.
    is_internal: Mapped[bool]
