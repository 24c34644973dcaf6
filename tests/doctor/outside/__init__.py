"""A corpus by an author who did not know how the doctor decides; most of it was set aside."""
