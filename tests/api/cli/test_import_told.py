"""What an import tells of a file that is refused."""

from __future__ import annotations

from pathlib import Path

from api.cli.importing import _show
from layers.importing.files import ImportSummary
from layers.importing.refusals import Refusal


def test_faults_are_counted_apart_from_the_rows_that_have_them(capsys):
    faults = [
        Refusal(row=row, field=field, value="abc", reason="type")
        for row, field in ((1, "height_m"), (3, "kind"), (3, "height_m"))
    ]
    assert _show(Path("poles.geojson"), ImportSummary(refused=faults))
    told = capsys.readouterr().err
    assert "3 faults in 2 rows, so nothing of the file is taken" in told
    assert "row 3, kind: 'abc' (type)" in told
