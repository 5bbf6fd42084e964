"""Whether a value follows from its words.

`check_value` judges one value, `check_derived` all of a finished record. They prove less than a
reader would: an empty list says that the words do not contradict the value, as far as the rules
of the kind reach (see the docstring of each check).
"""

from __future__ import annotations

from extractor.checks.record import check_derived
from extractor.checks.values import KINDS, check_value

__all__ = ["KINDS", "check_derived", "check_value"]
