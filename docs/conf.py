"""The documentation site: `python -m sphinx -W --keep-going -b html docs docs/_build/html`, without a network."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "_ext"))

project = "gep"
author = "The gep developers"
copyright = author
release = installed_version("gep")
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_gallery.gen_gallery", "gep_reference"]
exclude_patterns = ["_build", "_ext", "plugin_template", "gallery", "examples/*.ipynb"]
suppress_warnings = ["config.cache"]
smartquotes = False

myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 3
myst_ref_domains = ["std"]
nb_execution_mode = "cache"  # notebooks are committed without output
nb_execution_in_temp = True
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True

sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "examples",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "reset_modules": ("matplotlib", "gep_reference.sample_once.reset"),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "min_reported_time": 1000,
    "show_signature": False,
    "write_computation_times": False,
}
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
default_role = "code"  # what stands between backticks in a docstring
napoleon_numpy_docstring = False
python_maximum_signature_line_length = 88

html_theme = "furo"
html_title = f"gep {release}"
html_static_path = ["_static"]
html_css_files = ["gep.css"]
html_extra_path = ["gep.schema.json"]
html_copy_source = False
html_show_sourcelink = False
