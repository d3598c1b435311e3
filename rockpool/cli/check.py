"""`rockpool check`, `test` and `proof`: what CI runs, and what takes longer than CI may."""

from __future__ import annotations

import click

from rockpool.step import Steps


@click.command()
def check() -> None:
    """Lint, types, layers, shell scripts and unit tests: under a minute, no machine, no network."""
    from rockpool.execute import checks
    from rockpool.execute.deploy import ROOT

    _pass((checks.unit_tests(), *checks.static(ROOT)))


def _pass(steps: Steps) -> None:
    import sys

    from rockpool.execute import checks
    from rockpool.execute.deploy import ROOT

    failed = 0
    for done in checks.run(steps, ROOT):
        click.echo(f"{'failed' if done.fault else 'passed'}  {done.step.why} ({done.seconds:.0f} s)")
        if done.fault:
            failed += 1
            click.echo(f"{done.fault}\n", err=True)
    if failed:
        click.echo(f"{failed} of the checks failed", err=True)
        sys.exit(1)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def test(pytest_arguments: tuple[str, ...]) -> None:
    """The checks, and every test that CI has time for, on real machines too; what follows `--` goes to pytest."""
    import sys

    from rockpool.execute import checks
    from rockpool.execute.deploy import ROOT

    _pass(checks.static(ROOT))
    checks.prepare(ROOT)
    # Unit tests come with the others: one lane has the time while the other deploys.
    sys.exit(checks.marked("not proof", ROOT, (*checks.SIDE_BY_SIDE, *pytest_arguments)))


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def proof(pytest_arguments: tuple[str, ...]) -> None:
    """The long proofs; their output is kept in docs/proof/ under today's date."""
    import sys
    from datetime import UTC, datetime

    from rockpool.execute import checks
    from rockpool.execute.deploy import ROOT

    log = ROOT / "docs" / "proof" / f"{datetime.now(UTC):%Y-%m-%d-%H%M}.txt"
    log.parent.mkdir(exist_ok=True)
    checks.prepare(ROOT)
    code = checks.marked("proof", ROOT, ("-v", "--durations=0", *pytest_arguments), log)
    click.echo(f"kept in {log.relative_to(ROOT)}", err=True)
    sys.exit(code)
