"""``onemap db``: the city's database by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from api.embedded.cluster import Cluster

app = typer.Typer(
    help="The city's database: the embedded cluster, or the one that is named.", no_args_is_help=True
)


@app.command()
def start() -> None:
    """Start the embedded cluster and leave it running."""
    from api.embedded.use import start_and_keep

    cluster = _cluster()
    start_and_keep(cluster)
    typer.echo(f"The database runs in {cluster.directory}.")


@app.command()
def stop(
    force: Annotated[bool, typer.Option("--force", help="Stop it although it is in use.")] = False,
) -> None:
    """Stop the embedded cluster."""
    from api.embedded.use import stop_kept

    stop_kept(_cluster(), although_used=force)
    typer.echo("The database is stopped.")


@app.command()
def status() -> None:
    """Show where the database is and in what state."""
    from api.settings import read_settings

    settings = read_settings()
    if settings.database_url is not None:
        from api.cli.database import city_database

        with city_database(settings):
            typer.echo("The database of ONEMAP_DATABASE_URL answers.")
        return
    shown = _cluster().status()
    typer.echo(f"state    {shown.state}")
    typer.echo(f"data     {shown.data}")
    for name, value in (("version", shown.major), ("process", shown.process), ("socket", shown.socket)):
        if value is not None:
            typer.echo(f"{name:<9}{value}")


@app.command()
def migrate() -> None:
    """Bring the tables to this version of the program and of the catalogue."""
    from api.cli.database import city_database
    from api.settings import read_settings
    from layers.schema.migrating import migrate as bring_up_to_date

    with city_database(read_settings()) as addresses:
        bring_up_to_date(addresses)
    typer.echo("The database is up to date.")


@app.command()
def prepare(
    superuser_address: Annotated[str, typer.Argument(help="postgresql:// URL of a superuser of the server.")],
    database: Annotated[
        str, typer.Option(help="Name of the city's database; made where missing.")
    ] = "onemap",
) -> None:
    """Make the roles, the database and its extensions in an existing server, and print the two addresses.

    The roles get new passwords, so addresses that were printed before for the same server end.
    """
    import secrets
    from urllib.parse import urlsplit

    import psycopg

    from api.cli.database import greet
    from geo.errors import Refused
    from layers.schema.bootstrap import bootstrap

    greet(superuser_address)
    passwords = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    try:
        bootstrap(superuser_address, database, *passwords)
    except psycopg.errors.InsufficientPrivilege as error:
        reason = str(error).split("\n", 1)[0]
        raise Refused(f"this role may not make roles and extensions ({reason}); name a superuser") from error
    given = urlsplit(superuser_address)
    host = given.netloc.rpartition("@")[2]
    variables = ("ONEMAP_DATABASE_URL", "ONEMAP_DATABASE_ADMIN_URL")
    for variable, role, password in zip(variables, ("onemap_app", "onemap_admin"), passwords, strict=True):
        address = given._replace(netloc=f"{role}:{password}@{host}", path=f"/{database}").geturl()
        typer.echo(f"export {variable}='{address}'")


@app.command()
def destroy(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete the embedded cluster with all data of the city."""
    from api.embedded.use import stop_kept

    cluster = _cluster()
    if cluster.status().state == "absent":
        return
    if not yes:
        typer.confirm(f"Delete all data of the city in {cluster.directory}?", abort=True)
    stop_kept(cluster)
    cluster.destroy()
    typer.echo("The database is deleted.")


def _cluster() -> Cluster:
    """Return the embedded cluster of the place that the settings name."""
    from api.embedded.cluster import Cluster
    from api.settings import read_settings

    return Cluster(read_settings().home)
