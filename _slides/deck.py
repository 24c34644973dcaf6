"""A deck: the slides of one chapter, found in its built page."""

from __future__ import annotations

from pathlib import Path

from bs4 import BeautifulSoup
from bs4.element import Tag

from _slides.layout import Slide, slides_of
from _slides.parts import Part, inside, note, parts_of
from _slides.sentences import plain, up_to

EXERCISES = "Paper exercises"
LAST = {"Check yourself", EXERCISES}  # the headings of what follows the course of thought
ENOUGH = 13  # slides; a deck with more has no exercise


class Deck:
    """The slides of a chapter.

    They show what the chapter marks as important: the question in bold letters that it begins
    with, figures, explorables, definitions, numbered equations, lists, quizzes, and each sentence
    with something in bold letters. All other text is in the notes.
    """

    def __init__(self, page: Path) -> None:
        html = BeautifulSoup(page.read_text("utf-8"), "html.parser")
        self.stem = page.stem
        self.place = plain(html.select_one(".course-progress p"))
        body = html.select_one("article.bd-article > section")
        for tag in body.select(".headerlink, figure > style"):
            tag.decompose()
        self.run = plain(body.select("a[href*=notebooks]")[-1])
        for link in body("a"):
            link.unwrap()  # nobody leaves a slide by accident
        self.body, self.title = body, plain(body.h1)
        sections = body.find_all("section", recursive=False)
        self.sections = {plain(section.find("h2")): section for section in sections}
        self.slides = [*self.opening(), *self.course()]
        self.slides += self.end(exercise=len(self.slides) < ENOUGH)

    def opening(self) -> list[Slide]:
        """Return the title with the objectives, and the question that the chapter answers."""
        blocks = self.body.find_all(["p", "div", "blockquote"], recursive=False)
        promise = self.body.select_one(".before-and-after")
        needed = note(blocks[0]) + note(promise.p)
        title = Slide(inside(self.body.h1), "title", [Part("words", str(promise.ul), needed)])
        story = blocks[blocks.index(promise) + 1 :]
        bold = [tag for block in story for tag in block("strong")]
        asked = next(tag for tag in bold if "?" in plain(tag))
        words = inside(asked)
        question = Slide(words[0].upper() + words[1:], "question")
        for block in story:
            question.parts.append(Part("silent", "", note(block)))
            if block.find("table") or block.name == "blockquote":
                question.parts.append(Part("words", str(block.find("table") or block), ""))
        question.parts.append(Part("words", f"<p>{before(asked, story)}</p>", ""))
        return [title, question]

    def course(self) -> list[Slide]:
        """Return the slides of each section up to the exercises."""
        slides: list[Slide] = []
        for name, section in self.sections.items():
            if name in LAST:
                break
            slides += slides_of(inside(section.find("h2")), parts_of(section))
        return slides

    def end(self, exercise: bool) -> list[Slide]:
        """Return an exercise for all, the recap, and the list for tomorrow."""
        task, solution = self.sections[EXERCISES].select(".exercise, .solution")[:2]
        paper = Slide("On paper", "exercise", [Part("words", inside(task.section), note(solution))])
        recap, tomorrow = (
            Slide(name, "list", [Part("words", str(self.sections[name].ul), "")])
            for name in ("In short", "What to do differently tomorrow")
        )
        tomorrow.parts[0].note = f"<p>Now run the notebook: {self.run}.</p>"
        return [paper, recap, tomorrow] if exercise else [recap, tomorrow]


def before(asked: Tag, story: list[Tag]) -> str:
    """Return what leads to the question: the sentences before it, or else the last paragraph."""
    paragraph = asked.find_parent("p")
    last = story[story.index(paragraph) - 1]
    return up_to(paragraph, asked) or inside(last)
