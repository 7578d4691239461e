"""Open, auditable workbench for a Danish municipality's employment budget."""

__version__ = "0.1.0"
