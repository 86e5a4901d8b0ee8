"""Predicted radio coverage: path loss, antennas, level, interference, probability, gaps and their causes."""

from geo.radio.antenna import Pattern, antenna_gain, array, element, named, omnidirectional
from geo.radio.budget import Explanation, Remedy, explain
from geo.radio.environment import built_share, models_of
from geo.radio.gaps import gaps, is_covered
from geo.radio.hata import HATA_MODELS, hata_loss, hata_sigma_db
from geo.radio.indoor import penetration_loss
from geo.radio.line import Line
from geo.radio.line_of_sight import line_of_sight_probability
from geo.radio.linear import covered_lengths, gap_segments, stations_on
from geo.radio.measurement import Calibration, calibrate, error_statistics, predict_at
from geo.radio.path_loss import MODELS, RELEASE, free_space, path_loss, shadowing_db
from geo.radio.pattern_files import PatternFile, read_pattern
from geo.radio.prediction import predict, repredict
from geo.radio.samples import Samples, samples_of
from geo.radio.settings import Settings
from geo.radio.states import sources_of
from geo.radio.surface import Blocking, Surface
from geo.radio.technologies import TECHNOLOGIES, Technology, class_of, resource_blocks, technology_of
from geo.radio.terrain import Heights, diffraction_loss

__all__ = [
    "HATA_MODELS",
    "MODELS",
    "RELEASE",
    "TECHNOLOGIES",
    "Blocking",
    "Calibration",
    "Explanation",
    "Heights",
    "Line",
    "Pattern",
    "PatternFile",
    "Remedy",
    "Samples",
    "Settings",
    "Surface",
    "Technology",
    "antenna_gain",
    "array",
    "built_share",
    "calibrate",
    "class_of",
    "covered_lengths",
    "diffraction_loss",
    "element",
    "error_statistics",
    "explain",
    "free_space",
    "gap_segments",
    "gaps",
    "hata_loss",
    "hata_sigma_db",
    "is_covered",
    "line_of_sight_probability",
    "models_of",
    "named",
    "omnidirectional",
    "path_loss",
    "penetration_loss",
    "predict",
    "predict_at",
    "read_pattern",
    "repredict",
    "resource_blocks",
    "samples_of",
    "shadowing_db",
    "sources_of",
    "stations_on",
    "technology_of",
]
