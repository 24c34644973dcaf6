"""Calls that practitioners make, by their field of work."""
