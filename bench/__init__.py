"""Flask-Dash-Pages side by side with stock Dash Pages. Run ``python -m bench``."""
