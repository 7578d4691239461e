"""The scenario explorer: a page served to this machine alone, whose whole state stands in its address."""

from ballerup_analysis.explorer.server import serve

__all__ = ["serve"]
