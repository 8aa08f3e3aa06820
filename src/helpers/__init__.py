"""The thin package behind the notebooks: data, signals, evidence, sections, notes and runs.

Importing it does nothing; import the module you need, ``from helpers.signals import breakout``.
"""

__version__ = "0.1.0"
METHOD_VERSION = "2"
