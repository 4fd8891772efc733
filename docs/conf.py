"""How Sphinx builds the pages and the reference: `python -m sphinx docs docs/_build`."""

import contextlib
import os
import pathlib
import shutil

from sphinx.application import Sphinx
from sphinx.ext import apidoc

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # modules are imported for their docstrings

HERE = pathlib.Path(__file__).parent

project = "anatomy-tf"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "contents"
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"page_width": "1100px", "description": "3D poses from 2D keypoints"}
html_show_copyright = False

myst_heading_anchors = 3  # headings can be linked to, as on GitHub
suppress_warnings = [
    "myst.xref_missing",  # links that leave docs/; a test follows all links
    "ref.python",  # what the front door shows has a second name, in its own module
]

autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_mock_imports = [
    "apache_beam",
    "tensorflow_addons",
]  # of extras; one needs another TensorFlow
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_use_ivar = True
default_role = "code"  # what stands in single backticks in a docstring


def write_reference(app: Sphinx) -> None:
    """A page for every module of the package, from what is there now."""
    shutil.rmtree(HERE / "reference", ignore_errors=True)
    folders = [str(HERE / "reference"), str(HERE.parent / "anatomy_tf")]
    with contextlib.redirect_stdout(None):  # it names every file that it writes
        apidoc.main(["--separate", "--module-first", "--no-toc", "-o", *folders])


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("builder-inited", write_reference)
