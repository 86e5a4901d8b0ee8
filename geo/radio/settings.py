"""How a prediction is made: thresholds, load, cut-off, samples, indoors."""

from __future__ import annotations

from dataclasses import dataclass

from geo.errors import BadInput
from geo.radio.probability import SITE_CORRELATION
from geo.radio.technologies import Technology, technology_of


@dataclass(frozen=True)
class Settings:
    """How a prediction is made.

    Attributes
    ----------
    technology : str
        Gives thresholds, receiver noise and resource blocks.
    user_height_m : float
        Above ground.
    cutoff_m : float
        Sectors beyond it do not count; what that leaves out is bounded in the note.
    load : float
        Share of time and frequency in which other sectors transmit, 0 to 1.
    samples : {1, 7, 49}
        Points of a cell: its centre, or the centres of its children or grandchildren.
    correlation : float
        Of shadow fading between sites.
    indoor : str, optional
        Building class of `geo.radio.indoor`: the user is inside, at ``depth_m`` from the wall.
    min_dbm, min_sinr_db : float, optional
        Thresholds in place of the technology's.
    """

    technology: str = "5g"
    user_height_m: float = 1.5
    cutoff_m: float = 3000.0
    load: float = 0.5
    samples: int = 7
    correlation: float = SITE_CORRELATION
    indoor: str | None = None
    depth_m: float = 5.0
    min_dbm: float | None = None
    min_sinr_db: float | None = None

    def checked(self) -> Technology:
        """Return the technology, or raise `BadInput` for what cannot be."""
        if self.samples not in (1, 7, 49):
            raise BadInput(f"a cell has 1, 7 or 49 samples, not {self.samples}", samples=self.samples)
        if not 0 <= self.load <= 1:
            raise BadInput(f"a load is between 0 and 1, not {self.load}", load=self.load)
        if not 0 <= self.correlation < 1:
            raise BadInput(f"a correlation is at least 0 and under 1, not {self.correlation}")
        if not 100 <= self.cutoff_m <= 50_000:
            raise BadInput(f"a cut-off is 100 to 50,000 m, not {self.cutoff_m}", cutoff_m=self.cutoff_m)
        return technology_of(self.technology)

    @property
    def rsrp_threshold(self) -> float:
        """Least level in dBm."""
        return technology_of(self.technology).min_dbm if self.min_dbm is None else self.min_dbm

    @property
    def sinr_threshold(self) -> float:
        """Least ratio in dB."""
        return technology_of(self.technology).min_sinr_db if self.min_sinr_db is None else self.min_sinr_db
