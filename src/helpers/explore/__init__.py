"""Widgets over sections and charts, for a person in JupyterLab."""
