"""What of a trip may leave the phone: nothing from around the places where it began, ended or stood.

Pure and of the standard library, so that the phone and the server run the very same code. docs/privacy.md says what is
promised, docs/decisions says why cells and not a radius. Not responsible for when it is applied (`mobile_app.withholding`
on the phone, `ingest.ends` on the server).
"""

from mobile_app.privacy.cells import Cell, cell_of, outside_m
from mobile_app.privacy.ends import Ends, Fix, Fixes, cells_to_withhold
from mobile_app.privacy.spans import Span, holds, kept_spans

__all__ = ["Cell", "Ends", "Fix", "Fixes", "Span", "cell_of", "cells_to_withhold", "holds", "kept_spans", "outside_m"]
