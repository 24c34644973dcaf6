"""All models of this corpus: small, real, trained once per seed."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")  # read when Keras is imported

from doctor.outside.nets_pictures import (
    glyphs,
    lesions,
    margins,
    memorised,
    noise,
    scenes,
    segments,
    softmax_inside,
    student,
    twins,
    views,
)
from doctor.outside.nets_tables import (
    blind,
    fraud,
    grades,
    spam,
    topics,
    tumours,
    wine,
)
from doctor.outside.nets_text import (
    LETTERS,
    blind_tags,
    letters,
    many_letters,
    preferences,
    tagged,
)

__all__ = [
    "LETTERS",
    "blind",
    "blind_tags",
    "fraud",
    "glyphs",
    "grades",
    "lesions",
    "letters",
    "many_letters",
    "margins",
    "memorised",
    "noise",
    "preferences",
    "scenes",
    "segments",
    "softmax_inside",
    "spam",
    "student",
    "tagged",
    "topics",
    "tumours",
    "twins",
    "views",
    "wine",
]
