"""Patients for the loss doctor: misuses, and healthy calls that look like them."""
