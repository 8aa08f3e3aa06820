"""Keeping the store: what is missing is asked for, held against what is there, screened and stored."""
