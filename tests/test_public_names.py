"""What `import extractor` promises."""

from __future__ import annotations

import inspect

import extractor

PUBLIC = {
    "Article",
    "Computed",
    "Derived",
    "Evidence",
    "Extraction",
    "ExtractorError",
    "Problem",
    "Span",
    "Verbatim",
    "__version__",
    "aextract",
    "extract",
    "open_model",
}


def test_the_public_names_are_these() -> None:
    assert set(extractor.__all__) == PUBLIC
    assert set(dir(extractor)) >= PUBLIC


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in PUBLIC - {"__version__"}:
        assert inspect.getdoc(getattr(extractor, name)), name


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(extractor, "extrakt")
