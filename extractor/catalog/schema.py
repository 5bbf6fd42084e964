"""A schema: a Pydantic model from a file or of the user's own, with its JSON Schema.

A schema file is a Python module that binds its model to `SCHEMA`; nothing else at its top
level is looked at. It may hold `upcast_v1_to_v2` and the like, within reach through
`Schema.module`.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.errors import PydanticUserError

from extractor.catalog.shelf import Version, read_source
from extractor.errors import InvalidSchema
from extractor.records import digest


@dataclass(frozen=True)
class Schema:
    """A version of a schema, or a model of the user's own (`version` and `path` are None).

    `digest` covers what is in force: the model's JSON Schema with its support markers, which
    a changed base class moves, and the source, which holds what JSON Schema can't say.
    `module` is the key in `sys.modules` of the file's module.
    """

    name: str
    version: int | None
    digest: str
    model: type[BaseModel]
    json_schema: dict[str, Any] = field(compare=False, repr=False)
    status: Literal["draft", "released"] = "draft"
    path: Path | None = None
    module: str | None = None

    @property
    def id(self) -> str:
        """`name@version`, the class's name for a user's own model."""
        return self.name if self.version is None else f"{self.name}@{self.version}"

    @classmethod
    def of_model(cls, model: type[BaseModel]) -> Schema:
        """The schema that a Pydantic model is. Raises `InvalidSchema`."""
        where = getattr(model, "__qualname__", repr(model))
        json_schema = _json_schema(model, where)
        return cls(
            name=model.__name__,
            version=None,
            digest=digest({"json_schema": json_schema}),
            model=model,
            json_schema=json_schema,
        )


# One thread at a time: another one, which finds a module in the middle of its execution, would put
# its own in its place, and the classes of the first would look for one another in that.
_EXECUTING = threading.RLock()


def load_schema(version: Version, *, released: bool) -> Schema:
    """The schema in a version's file, which is executed. Raises `InvalidSchema`."""
    path = version.path
    source = read_source(path, InvalidSchema)
    with _EXECUTING:
        module = _module(version, source)
        if "SCHEMA" not in vars(module):
            raise InvalidSchema(
                f"{path}: no SCHEMA", hint="end the file with SCHEMA = <your Pydantic model>"
            )
        json_schema = _json_schema(module.SCHEMA, f"{path}: SCHEMA")
    return Schema(
        name=version.name,
        version=version.number,
        digest=digest({"json_schema": json_schema, "source": source}),
        model=module.SCHEMA,
        json_schema=json_schema,
        status="released" if released else "draft",
        path=path,
        module=module.__name__,
    )


def _module(version: Version, source: str) -> ModuleType:
    """The module of a file, executed once for each of its contents.

    It is registered before it is executed, as Pydantic's forward references and pickle need
    it, and its classes stay the same classes however often the version is looked up.
    The text is compiled here, not by the import system: a cached `.pyc` goes by time and
    size and could be that of other words than those digested.
    """
    path = version.path
    content = hashlib.sha256(f"{path.resolve()}\0{source}".encode()).hexdigest()[:16]
    name = f"extractor_schema_{version.name.replace('-', '_')}_v{version.number}_{content}"
    present = sys.modules.get(name)
    if present is not None and "SCHEMA" in vars(present):
        return present
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        exec(compile(source, str(path), "exec", dont_inherit=True), vars(module))
    except Exception as cause:  # whatever a module can raise, the file cannot be used
        del sys.modules[name]
        raise InvalidSchema(
            f"{path}{_place(cause, path)}: {type(cause).__name__}: {cause}",
            hint="the file must run by itself: try it with python",
        ) from cause
    return module


def _place(cause: Exception, path: Path) -> str:
    if isinstance(cause, SyntaxError):
        return f":{cause.lineno}"
    frames = traceback.extract_tb(cause.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return f":{lines[-1]}" if lines else ""


def _json_schema(model: object, where: str) -> dict[str, Any]:
    if not (isinstance(model, type) and issubclass(model, BaseModel)) or model is BaseModel:
        raise InvalidSchema(
            f"{where} is {model!r}: expected a class derived from pydantic.BaseModel",
            hint="pass the class itself, not an instance",
        )
    try:
        return model.model_json_schema(by_alias=True, mode="validation")
    except PydanticUserError as cause:
        raise InvalidSchema(
            f"{where} has no JSON Schema: {cause.message}",
            hint="a field's type must have a JSON form; give it one with WithJsonSchema",
        ) from cause


def json_schema_text(schema: Schema) -> str:
    """The JSON Schema as it is committed: two spaces, the fields in their own order."""
    return json.dumps(schema.json_schema, indent=2, ensure_ascii=False) + "\n"


def first_difference(left: object, right: object, pointer: str = "") -> str | None:
    """The JSON pointer of the first place where two JSON values differ, None for none."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in [*left, *(key for key in right if key not in left)]:
            inner = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
            if (key in left) != (key in right):
                return inner
            if (found := first_difference(left[key], right[key], inner)) is not None:
                return found
        return None
    if isinstance(left, list) and isinstance(right, list):
        for index, (one, other) in enumerate(zip(left, right, strict=False)):
            if (found := first_difference(one, other, f"{pointer}/{index}")) is not None:
                return found
        return None if len(left) == len(right) else f"{pointer}/{min(len(left), len(right))}"
    return None if type(left) is type(right) and left == right else pointer
