"""The command line: reads settings, builds the parts, picks a face.

Standard output holds results and nothing else; what is going on shows on standard error.
Exit status: 0 when all went well, 1 when something failed, 2 for wrong usage.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from extractor.cli.backfilling import backfill_app
from extractor.cli.cataloguing import prompts_app, schemas_app
from extractor.cli.comparing import diff, gate, report
from extractor.cli.evaluating import eval_app
from extractor.cli.extracting import extract
from extractor.cli.parts import say_error, stderr
from extractor.cli.recording import cassettes_app
from extractor.cli.rescoring import import_, rescore
from extractor.cli.running import eval_run
from extractor.cli.serving import keys_app, serve
from extractor.cli.verifying import verify
from extractor.cli.weights import model_app
from extractor.errors import ExtractorError, SettingsError, UnknownVersion
from extractor.version import __version__

WRONG_USAGE = 2

app = typer.Typer(
    help="Turn news articles into records in which every value has its words.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(extract)
app.command()(serve)
app.command()(verify)
eval_app.command("run")(eval_run)
eval_app.command("diff")(diff)
eval_app.command("gate")(gate)
eval_app.command("report")(report)
eval_app.command("import")(import_)
eval_app.command("rescore")(rescore)
app.add_typer(eval_app, name="eval")
app.add_typer(prompts_app, name="prompts")
app.add_typer(schemas_app, name="schemas")
app.add_typer(model_app, name="model")
app.add_typer(backfill_app, name="backfill")
app.add_typer(keys_app, name="keys")
app.add_typer(cassettes_app, name="cassettes")


def main() -> None:
    """Run the command line; errors become one message on standard error."""
    try:
        app(prog_name="extractor")
    except ExtractorError as error:
        say_error(error)
        sys.exit(_exit_status(error))
    except KeyboardInterrupt:
        stderr().print("interrupted")
        sys.exit(130)


def _exit_status(error: ExtractorError) -> int:
    return WRONG_USAGE if isinstance(error, SettingsError | UnknownVersion) else 1


def _version(value: bool) -> None:
    if value:
        print(f"extractor {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")
    ] = False,
) -> None:
    pass
