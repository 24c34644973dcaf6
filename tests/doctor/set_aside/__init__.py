"""A corpus by another author, set aside until the doctor was finished."""
