"""Findings into verdicts, sentences and pictures; pure, it reads and writes no files."""
