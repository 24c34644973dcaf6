"""The loss doctor: what is wrong with my loss, how does it know, and how is it mended?

``examine`` takes the outputs, the targets and the call. ``python -m xentlib.doctor`` does the same
for files. An error is proved by the inputs, a warning is likely, a note is a question.
"""

from xentlib.doctor._examine import examine
from xentlib.doctor.report import Finding, Report

__all__ = ["Finding", "Report", "examine"]
