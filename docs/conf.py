"""The site. Its tables are derived from the code's own, so that they cannot disagree."""

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import derived

project = "omniflash"
author = "the omniflash developers"
project_copyright = f"2026, {author}"
version = release = installed("omniflash")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["substitution", "colon_fence"]
myst_substitutions = derived.tables()
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "omniflash"
html_static_path = html_css_files = ["site.css"]
autodoc_typehints = "description"
nitpicky = False
