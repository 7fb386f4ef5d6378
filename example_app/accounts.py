"""Who may see the admin section: one demo user, by Flask-Login."""

from __future__ import annotations

import secrets
import typing as t

from flask import Blueprint
from flask import current_app
from flask import Flask
from flask import redirect
from flask import render_template
from flask import url_for
from flask_login import current_user
from flask_login import login_user
from flask_login import LoginManager
from flask_login import logout_user
from flask_login import UserMixin
from flask_wtf import CSRFProtect
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms import StringField
from wtforms.validators import InputRequired

from flask_dash_pages import guards

NAME = "demo"

bp = Blueprint("accounts", __name__)
csrf = CSRFProtect()
login_manager = LoginManager()
login_manager.login_view = "accounts.login"


class User(UserMixin):
    """The demo user. Another app would get users from a database."""

    id = NAME

    @property
    def role(self) -> str:
        return t.cast(str, current_app.config["DEMO_ROLE"])


@login_manager.user_loader
def load_user(user_id: str) -> User | None:
    return User() if user_id == NAME else None


class LoginForm(FlaskForm):
    name = StringField("Name", [InputRequired()], default=NAME)
    password = PasswordField("Password", [InputRequired()])

    def is_right(self) -> bool:
        """Whether the password is that of the user."""
        return self.name.data == NAME and secrets.compare_digest(
            self.password.data.encode(), current_app.config["DEMO_PASSWORD"].encode()
        )


@bp.route("/login", methods=["GET", "POST"])
def login() -> str | Response | tuple[str, int]:
    if current_user.is_authenticated:
        return redirect(guards.next_url(url_for("admin.overview")))

    form = LoginForm()
    tell_password()

    if not form.validate_on_submit():
        return render_template("login.html", form=form)

    if not form.is_right():
        form.password.errors = ["The name or the password is not right."]
        return render_template("login.html", form=form), 401

    login_user(User())
    return redirect(guards.next_url(url_for("admin.overview")))


# Tokens are lost with the session. The page has new ones, also to log out.
@bp.app_errorhandler(CSRFError)
def form_too_old(error: CSRFError) -> tuple[str, int]:
    form = LoginForm(formdata=None)
    form.password.errors = ["The form was too old. Try again."]
    return render_template("login.html", form=form), 400


# Only by a form with a token: a link on another site must not log anybody out.
@bp.post("/logout")
def logout() -> Response:
    logout_user()
    return redirect(url_for("site.landing"))


def tell_password() -> None:
    """Write the password to the log, once, if it was made for this process."""
    password = current_app.extensions.pop("made_password", None)

    if password is not None:
        current_app.logger.warning(
            "Log in as %r with the password %r.",
            NAME,
            password,
        )


def has_role(page: t.Any) -> bool:
    """Whether the user has the role that ``page`` was registered with."""
    return current_user.is_authenticated and current_user.role == page.role


def init_app(app: Flask) -> None:
    if not app.config["DEMO_PASSWORD"]:
        app.config["DEMO_PASSWORD"] = secrets.token_urlsafe(9)
        app.extensions["made_password"] = app.config["DEMO_PASSWORD"]

    csrf.init_app(app)
    login_manager.init_app(app)
    app.register_blueprint(bp)
