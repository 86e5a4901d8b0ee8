"""Arrays as the bytes of a part of a run, and back."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray


def packed(*, smaller: bool = False, **arrays: Any) -> bytes:
    """Return arrays, by name, as one document.

    Parameters
    ----------
    smaller : bool
        Compressed: a tenth of the bytes of regular numbers, for some time at each reading.

    Examples
    --------
    >>> unpacked(packed(smaller=True, cell=[7, 8]))["cell"].tolist()
    [7, 8]
    """
    body = BytesIO()
    (np.savez_compressed if smaller else np.savez)(body, **arrays)
    return body.getvalue()


def unpacked(body: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays of `packed`."""
    with np.load(BytesIO(body), allow_pickle=False) as found:
        return {name: found[name] for name in found.files}
