"""schemathesis over the service's own description: all checks, for as long as it is told.

The service runs with keys, a ledger and reviews, so that every route is there; its model answers
everything with one recorded reply. A status that the description does not name fails the run, as
does each 5xx, an answer unlike its schema, a request that a key should have been needed for, and
a bad one that was taken.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.fixed import Reply
from benchmarks.serving import ROOT, fixed_model, recorded, serving
from extractor.service.keys import hash_of, new_key


def main() -> int:
    """The exit status of schemathesis: 1 when a check failed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=600)
    options.add_argument("--seed", type=int, help="the same requests again")
    given = options.parse_args()
    key = new_key()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keys = folder / "keys.toml"
        keys.write_text(f'[fuzz]\nsha256 = ["{hash_of(key)}"]\n', encoding="utf-8")
        [first] = recorded(1)
        served = ["--keys", str(keys), "--reviews", str(folder / "cases"), "--repair", "0"]
        with (
            fixed_model([Reply("", first.reply)], folder, 0.0) as model,
            serving(model, folder / "kept", *served) as service,
        ):
            return _schemathesis(service.port, key, given.seconds, given.seed)


def _schemathesis(port: int, key: str, seconds: int, seed: int | None) -> int:
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", str(ROOT / "benchmarks" / "fuzz.toml")),
        *("run", f"http://127.0.0.1:{port}/openapi.json"),
        *("--header", f"Authorization: Bearer {key}"),
        *("--checks", "all", "--continue-on-failure"),
        # The only DELETE cancels a job, which stays, with the results that were paid for.
        *("--exclude-checks", "use_after_free"),
        *("--max-time", str(seconds), "--request-timeout", "60"),
        *("--generation-database", "none"),
        *(() if seed is None else ("--seed", str(seed))),
    ]
    with tempfile.TemporaryDirectory() as elsewhere:  # it leaves a cache where it runs
        hooks = {"SCHEMATHESIS_HOOKS": "benchmarks.fuzz_hooks", "PYTHONPATH": str(ROOT)}
        env = {**os.environ, **hooks}
        return subprocess.run(command, cwd=elsewhere, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
