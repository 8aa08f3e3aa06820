"""Kernels: plain ones, and ones forked from a process that has imported the stack once."""
