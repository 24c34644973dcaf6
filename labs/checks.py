"""The checks of this notebook. They need no package and no other file. The grading runs more."""

import textwrap


class Checks:
    """The checks below the questions; `names` are the notebook's own."""

    def __init__(self, names):
        self.names = names
        self.cases = {}

    def case(self, question, message):
        """Keep the function below as a check of this question."""
        return lambda test: self.cases.setdefault(question, []).append((test, message))

    def check(self, question):
        """Run the checks of one question, and say what to look at."""
        if not get_ipython():  # noqa: F821 - where a lab is graded there is none, and nobody reads this
            return
        said = [self.say(*case) for case in self.cases[question]]
        print(f"{question}: {said.count(None)} of {len(said)} checks passed.")
        for text in dict.fromkeys(filter(None, said)):
            print(textwrap.fill(text, 90, initial_indent="  ", subsequent_indent="  "))

    def check_all(self):
        """Run the checks of all questions."""
        for question in self.cases:
            self.check(question)

    def say(self, test, message):
        """Return None if the check passes, and otherwise what may be wrong."""
        empty = []

        def watch(name):
            def call(*args, **kwargs):
                answer = self.names[name](*args, **kwargs)
                if answer is None:
                    empty.append(name)
                return answer

            return call if callable(self.names[name]) else self.names[name]

        wanted = test.__code__.co_varnames[: test.__code__.co_argcount]
        for name in wanted:
            if self.names.get(name, ...) is ...:
                return f"{name} is not there yet. Write it, and run its cell."
        try:
            test(**{name: watch(name) for name in wanted})
        except Exception as error:
            if empty:
                return f"{empty[0]} returned None. Is it empty, or without a return?"
            kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
            return f"Not yet. {message}" + (f" ({kind}{error})" if str(error) else "")
        return None


grader = Checks(globals())
