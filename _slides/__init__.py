"""Slides for a class, made of the built chapters. Run by `make slides`."""
