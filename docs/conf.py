from pallets_sphinx_themes import get_version

# Project --------------------------------------------------------------

project = "Flask-Dash-Pages"
copyright = "2026 the Flask-Dash-Pages authors"
author = "the Flask-Dash-Pages authors"
release, version = get_version("Flask-Dash-Pages")

# General --------------------------------------------------------------

default_role = "code"
exclude_patterns = ["_build"]
extensions = [
    "sphinx.ext.autodoc",
    "pallets_sphinx_themes",
]
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
toc_object_entries_show_parents = "hide"

# HTML -----------------------------------------------------------------

html_theme = "flask"
html_theme_options = {"index_sidebar_logo": False}
html_sidebars = {
    "index": ["searchbox.html"],
    "**": ["localtoc.html", "relations.html", "searchbox.html"],
}
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_title = f"Flask-Dash-Pages Documentation ({version})"
html_show_sourcelink = False
# It asks for the versions over the network.
version_banner = False
