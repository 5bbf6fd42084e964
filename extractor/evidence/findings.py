"""What the walks over a draft found wrong, and what becomes of a value without words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from extractor.catalog import Policy
from extractor.records import Problem, Severity
from extractor.tree import MISSING, Tree, Value


@dataclass
class Findings:
    """What was found wrong so far, and what the policy makes of a value without words."""

    policy: Policy
    found: list[Problem] = field(default_factory=list)

    def report(
        self,
        code: str,
        path: str,
        message: str,
        quote: str | None = None,
        severity: Severity = "warning",
    ) -> None:
        problem = Problem(code=code, path=path, message=message, severity=severity, quote=quote)
        self.found.append(problem)

    def without_support(
        self, value: Any, code: str, path: str, message: str, quote: str | None = None
    ) -> Tree:
        """The value itself if it is to be kept, else `MISSING`; reported in any case."""
        if self.policy == "flag":
            self.report(code, path, f"{message}; kept", quote)
            return Value(value)
        severity: Severity = "error" if self.policy == "reject" else "warning"
        self.report(code, path, f"{message}; left out", quote, severity)
        return MISSING
