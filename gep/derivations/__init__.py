"""Equations that make a layer that is not given, from layers that are."""

from gep.derivations.water import WATER_DERIVATIONS

DERIVATIONS = WATER_DERIVATIONS
