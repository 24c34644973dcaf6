"""The quizzes: one YAML per chapter gives the questions in the page, Moodle GIFT and QTI 2.1.

Run ``python -m quizzes`` to write the files for a learning platform.
"""
