"""PostgreSQL with PostGIS, and the tools of the tests: found, installed as root, or unpacked without root.

Also a program: ``python -m api.embedded.packages postgis`` or ``… browser gdal``. It runs before the Python
environment exists, so it imports only the standard library and `geo.errors`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from geo.errors import BadInput, OneMapError, Unavailable

CHECKOUT = Path(__file__).resolve().parents[2]
UNPACKED = CHECKOUT / ".onemap" / "packages"
"""Where packages are unpacked that could not be installed (no root)."""

MAJOR = 15
"""The oldest PostgreSQL that works, and the one that Debian 12 has."""

POSTGIS = ("postgresql-15-postgis-3",)  # brings postgresql-15, and leaves a newer build of it as it is
BROWSER = ("chromium", "fonts-noto-cjk")
GDAL = ("gdal-bin",)

_CREATE_CLUSTER = Path("/etc/postgresql-common/createcluster.conf")
_ROOT = Path("/")
_LIBRARY_FOLDERS = ("", "blas", "lapack", "pulseaudio")
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir></fontconfig>
"""


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """An installed or unpacked PostgreSQL with PostGIS.

    Attributes
    ----------
    major : int
        Major version, ``15``.
    programs : Path
        Directory of ``postgres``, ``initdb`` and ``pg_ctl``.
    environment : mapping of str to str
        What its processes need in their environment to find their libraries and data.
    """

    major: int
    programs: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Program:
    """An installed or unpacked program, with what it needs in its environment."""

    program: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def find_postgresql(major: int | None = None) -> PostgreSQL:
    """Return the PostgreSQL with PostGIS to use: the system's, else the unpacked one.

    Parameters
    ----------
    major : int, optional
        Only this major version will do (a data directory exists that was made by it).

    Raises
    ------
    Unavailable
        Where there is none; the message says what to install.
    """
    found = [*_postgresql_below(_ROOT), *_postgresql_below(UNPACKED)]
    for candidate in found:
        if major in (None, candidate.major):
            return candidate
    if major is not None and found:
        raise Unavailable(
            f"the data of this city was made by PostgreSQL {major}, but only {found[0].major} is here; "
            f"install postgresql-{major}-postgis-3, or name another place with ONEMAP_HOME",
            data_major=major,
            found=[candidate.major for candidate in found],
        )
    raise Unavailable(
        f"PostgreSQL {MAJOR} with PostGIS 3 is not here. On Debian run `make postgis` (or as root "
        f"`apt-get install {POSTGIS[0]}`); elsewhere install both, or set ONEMAP_DATABASE_URL and "
        "ONEMAP_DATABASE_ADMIN_URL to use an existing PostGIS",
        missing=list(POSTGIS),
    )


def find_browser() -> Program:
    """Return the Chromium to use for headless work.

    Raises
    ------
    Unavailable
        Where there is none; the message says what to install.
    """
    return _find_program("chromium", BROWSER, unpacked="usr/lib/chromium/chromium")


def find_gdal(name: str) -> Program:
    """Return one of GDAL's programs (``ogrinfo``, ``ogr2ogr``), with which tests and measurements compare.

    Raises
    ------
    Unavailable
        Where there is none; the message says what to install.
    """
    return _find_program(name, GDAL, unpacked=f"usr/bin/{name}")


def _find_program(name: str, packages: Sequence[str], *, unpacked: str) -> Program:
    if installed := shutil.which(name):
        return Program(Path(installed))
    if (UNPACKED / unpacked).exists():
        return Program(UNPACKED / unpacked, _unpacked_environment(UNPACKED))
    raise Unavailable(
        f"{name} is not here. On Debian run `make test-tools` (or as root `apt-get install {packages[0]}`)",
        missing=list(packages),
    )


def install(packages: Sequence[str]) -> None:
    """Install Debian packages as root, or unpack them below `UNPACKED` without.

    Raises
    ------
    Unavailable
        Where there is no apt, it does not know a package, or it cannot fetch it.
    """
    if shutil.which("apt-get") is None:
        raise Unavailable(
            f"this system has no apt to install {', '.join(packages)}; install PostgreSQL {MAJOR} or newer "
            "with PostGIS 3 in its own way, or set ONEMAP_DATABASE_URL and ONEMAP_DATABASE_ADMIN_URL to use "
            "an existing PostGIS",
            missing=list(packages),
        )
    if os.geteuid() == 0:
        _install_as_root(packages)
    else:
        _unpack(packages)


def _install_as_root(packages: Sequence[str]) -> None:
    if not _CREATE_CLUSTER.exists():
        # Debian's package would make and start a cluster of its own, which nobody here asked for.
        _CREATE_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
        _CREATE_CLUSTER.write_text("create_main_cluster = false\nstart_conf = manual\n")
    patience = ("-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3")
    _apt("apt-get", *patience, "-qq", "update")
    keep = ("-o", "Dpkg::Options::=--force-confold")
    _apt("apt-get", *patience, *keep, "-qq", "install", "-y", "--no-install-recommends", *packages)


def _unpack(packages: Sequence[str]) -> None:
    """Fetch packages with all they need that is not installed, and unpack them.

    The lists of available packages are our own copies, because the system's may be missing or old.
    """
    state = UNPACKED.parent / "apt"
    for part in ("lists/partial", "archives/partial"):
        (state / part).mkdir(parents=True, exist_ok=True)
    options = (
        *("-o", f"Dir::State::lists={state}/lists", "-o", f"Dir::Cache={state}"),
        *("-o", f"Dir::Cache::archives={state}/archives", "-o", "Debug::NoLocking=1"),
        *("-o", "Acquire::Retries=3"),
    )
    _apt("apt-get", *options, "-qq", "update")
    plan = _apt("apt-get", *options, "--simulate", "--no-install-recommends", "install", *packages)
    wanted = [
        f"{name}={version}" for name, version in re.findall(r"^Inst (\S+) .*?\((\S+)", plan, re.MULTILINE)
    ]
    archives = state / "archives"
    _apt("apt-get", *options, "-qq", "download", *wanted, directory=archives)
    UNPACKED.mkdir(parents=True, exist_ok=True)
    for archive in sorted(archives.glob("*.deb")):
        _apt("dpkg-deb", "--extract", str(archive), str(UNPACKED))
        archive.unlink()
    # Installed, Debian's alternatives make these names.
    for versioned in UNPACKED.glob("usr/share/postgresql/*/extension/*-3.control"):
        plain = versioned.with_name(versioned.name.replace("-3.control", ".control"))
        plain.unlink(missing_ok=True)
        plain.symlink_to(versioned.name)
    fonts, cache = UNPACKED / "usr/share/fonts", UNPACKED / "var/cache/fontconfig"
    (UNPACKED / "fonts.conf").write_text(_FONTS.format(fonts=fonts, cache=cache))
    shutil.rmtree(state)


def _apt(*command: str, directory: Path = CHECKOUT) -> str:
    """Run one of Debian's programs and return what it printed."""
    done = subprocess.run(  # noqa: S603 - the arguments are our own constants and apt's own answers
        command,
        cwd=directory,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        lines = [line for line in done.stdout.splitlines() if line.startswith(("E:", "dpkg"))]
        reason = " ".join(lines[-3:]) or done.stdout[-300:].strip()
        raise Unavailable(
            f"Debian's packages cannot be installed: {reason}. Install them by hand, or set "
            "ONEMAP_DATABASE_URL and ONEMAP_DATABASE_ADMIN_URL to use an existing PostGIS",
            command=list(command),
        )
    return done.stdout


def _postgresql_below(root: Path) -> list[PostgreSQL]:
    """Return the versions below a root that are new enough and have PostGIS, the oldest first."""
    found = []
    for programs in (root / "usr/lib/postgresql").glob("*/bin"):
        version = programs.parent.name
        control = root / "usr/share/postgresql" / version / "extension" / "postgis.control"
        usable = re.fullmatch(r"\d+", version) and int(version) >= MAJOR
        if usable and (programs / "postgres").exists() and control.exists():
            environment = {} if root == _ROOT else _unpacked_environment(root)
            found.append(PostgreSQL(int(version), programs, environment))
    return sorted(found, key=lambda candidate: candidate.major)


def _unpacked_environment(root: Path) -> dict[str, str]:
    """Return what unpacked programs need to find the libraries and data that lie beside them."""
    triplet = f"{os.uname().machine}-linux-gnu"
    own = [root / top / triplet / part for top in ("usr/lib", "lib") for part in _LIBRARY_FOLDERS]
    folders = [*own, root / "usr/lib"]
    return {
        "LD_LIBRARY_PATH": ":".join(str(folder) for folder in folders if folder.is_dir()),
        "PROJ_DATA": str(root / "usr/share/proj"),
        "GDAL_DATA": str(root / "usr/share/gdal"),
        "FONTCONFIG_FILE": str(root / "fonts.conf"),
    }


_SETS: dict[str, tuple[Sequence[str], Callable[[], object]]] = {
    "postgis": (POSTGIS, find_postgresql),
    "browser": (BROWSER, find_browser),
    "gdal": (GDAL, lambda: find_gdal("ogr2ogr")),
}


def _ensure(names: Sequence[str]) -> None:
    """Install those of the named sets that are missing, in one go."""
    if not names or not set(names) <= set(_SETS):
        raise BadInput(
            f"usage: python -m api.embedded.packages [{' | '.join(_SETS)}]…", arguments=list(names)
        )
    wanted: list[str] = []
    for name in names:
        if name == "postgis" and os.environ.get("ONEMAP_DATABASE_URL"):
            continue
        packages, find = _SETS[name]
        try:
            find()
        except Unavailable:
            wanted += packages
    if wanted:
        print(f"Installing {', '.join(wanted)} from Debian …", flush=True)
        install(wanted)


if __name__ == "__main__":
    try:
        _ensure(sys.argv[1:])
    except OneMapError as error:
        sys.exit(f"onemap: {error.message}")
