"""What a request can get wrong, as members of the one exception tree. Words are in ``messages/``."""

from __future__ import annotations

from geo.errors import BadInput, Conflict, NotFound, Refused, Unavailable


class BadParameter(BadInput):
    """A parameter has an unusable value; details: ``parameter``, ``value``, ``expected`` (a phrase's key)."""

    code = "bad-parameter"


class UnknownParameter(BadInput):
    """A parameter that this address does not have; details: ``parameter``, ``known``, ``hint``."""

    code = "unknown-parameter"


class RepeatedParameter(BadInput):
    """A parameter stands more than once; details: ``parameter``."""

    code = "repeated-parameter"


class TooManyLayers(BadInput):
    """More layers in one tile than allowed; details: ``given``, ``limit``."""

    code = "too-many-layers"


class RepeatedLayer(BadInput):
    """A layer stands twice in one tile's list; details: ``layer``."""

    code = "repeated-layer"


class UnknownHost(BadInput):
    """The Host header names nobody we are; details: ``host``."""

    code = "unknown-host"


class AddressTooLong(BadInput):
    """The address is longer than the limit; details: ``limit`` in bytes."""

    code = "address-too-long"


class TooLarge(BadInput):
    """The body of a request is larger than the limit; details: ``limit`` in bytes."""

    code = "too-large"


class UnsupportedMediaType(BadInput):
    """The body has a media type that this address does not take; details: ``given``, ``accepted``."""

    code = "unsupported-media-type"


class FeatureRefused(BadInput):
    """A feature does not fit its layer; details: ``layer``, ``field``, ``value``, ``reason``, ``allowed``."""

    code = "feature-refused"


class PreconditionNeeded(BadInput):
    """A change must say in If-Match what it changes; details: ``layer``."""

    code = "precondition-needed"


class NotAcceptable(BadInput):
    """None of the asked media types is there; details: ``accepted``."""

    code = "not-acceptable"


class MethodNotAllowed(BadInput):
    """The address does not take this method; details: ``method``, ``allowed``."""

    code = "method-not-allowed"


class NoPage(NotFound):
    """There is nothing at this address."""

    code = "no-page"


class NoLayer(NotFound):
    """There is no such layer, or not for this reader; details: ``layer``, ``hint``."""

    code = "no-layer"


class NoFeature(NotFound):
    """The layer has no such feature, or not for this reader; details: ``layer``, ``id``."""

    code = "no-feature"


class NoTiles(NotFound):
    """The layer has no geometry and so no tiles; details: ``layer``."""

    code = "no-tiles"


class NoRaster(NotFound):
    """There is no such raster, or not for this reader; details: ``raster``."""

    code = "no-raster"


class NoTileMatrixSet(NotFound):
    """There is no such tile matrix set; details: ``name``, ``known``."""

    code = "no-tile-matrix-set"


class OutsideMatrix(NotFound):
    """There is no such tile in the matrix; details: ``z``, ``x``, ``y``."""

    code = "outside-matrix"


class BeforeRecords(NotFound):
    """Nothing is known of the city at that time; details: ``day``, ``first_day``."""

    code = "before-records"


class NoRegion(NotFound):
    """There is no such region; details: ``region``, ``system``."""

    code = "no-region"


class NoView(NotFound):
    """There is no such view; details: ``view``."""

    code = "no-view"


class NoBrowser(Unavailable):
    """A print needs a headless Chromium, and there is none."""

    code = "no-browser"


class PrintFailed(Unavailable):
    """The browser gave no print; details: ``seconds``."""

    code = "print-failed"


class WebNotBuilt(NotFound):
    """The web app was not built; details: ``folder``."""

    code = "web-not-built"


class NeedsLoopback(Refused):
    """Without accounts the service only serves its own machine; details: ``host``."""

    code = "needs-loopback"


class CrossSite(Refused):
    """A browser sends a change for a page that is not ours."""

    code = "cross-site"


class NeedsAdministrator(Refused):
    """The service was given no address of the role ``onemap_admin``, which changes tables."""

    code = "needs-administrator"


class PreconditionFailed(Conflict):
    """The feature was changed since the state that If-Match names; details: ``layer``, ``id``."""

    code = "precondition-failed"


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached now."""

    code = "database-unavailable"


class Busy(Unavailable):
    """Too many requests wait for the database already."""

    code = "busy"


class TooManyStreams(Unavailable):
    """Too many streams of events are open; details: ``limit``, ``open``."""

    code = "too-many-streams"


class TooSlow(Unavailable):
    """The database gave up on the question after its time limit."""

    code = "too-slow"
