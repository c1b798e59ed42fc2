"""The command line, `kunskapsflode`: what operators, designers and tests do without a browser.

Exit codes: 0 done, 1 something was found wrong, 2 the command cannot run.
"""

from __future__ import annotations

import click

from web.commands import (
    audit,
    backup,
    cases,
    database,
    disposal,
    export,
    incidents,
    messages,
    people,
    process,
    running,
    tasks,
    tokens,
)
from web.commands.calendar import calendar_command
from web.commands.clock import clock_group
from web.commands.terminal import Front, House, example
from web.commands.webhooks import webhook_group


@click.group(
    cls=Front,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=example("process check processes/national-consultation.bpmn", "task list --as sam", "doctor"),
)
@click.option("--lang", type=click.Choice(["sv", "en"]), default="sv", help="Språk för iakttagelser om processer.")
@click.version_option(package_name="kunskapsflode", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context, lang: str) -> None:
    """Kunskapsflöde: en regions kunskapsstyrning som BPMN-diagram.

    Inställningar läses ur miljön (KF_DATABASE_URL, KF_REGION ...) eller ur kunskapsflode.toml.
    """
    context.obj = House(lang)


for command in (
    running.serve,
    running.work,
    running.doctor,
    running.demo,
    database.db_group,
    backup.backup,
    backup.restore,
    backup.outgoing_group,
    process.process_group,
    cases.case_group,
    tasks.task_group,
    messages.message,
    incidents.incident_group,
    webhook_group,
    people.user_group,
    people.mandate_group,
    people.org_group,
    tokens.token_group,
    calendar_command,
    clock_group,
    export.export_group,
    audit.audit_group,
    disposal.disposal_group,
):
    main.add_command(command)


if __name__ == "__main__":
    main()
