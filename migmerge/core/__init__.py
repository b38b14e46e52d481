"""Decisions on plain data: standard library only, no I/O, no clock, no print."""
