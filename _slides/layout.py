"""How the parts of a section are laid out on slides."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

from _slides.parts import Part

CROWDED = 560  # letters on a slide
BESIDE = 330  # beside a picture
NARROW = 210  # beside a tall one, whose legend stands there, too
FEW = 200  # letters that are shown larger


@dataclass
class Slide:
    """Words, at most one picture, which may be a table, and the presenter's notes."""

    heading: str
    kind: str = "point"
    parts: list[Part] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """What is to be read beside the picture."""
        words = [part for part in self.parts if part.kind not in {"figure", "table", "silent"}]
        shown = [introduced(part) for part in words]
        alone = self.picture and self.picture.kind == "table" and not shown
        return [f"<p>{self.picture.intro}</p>"] if alone and self.picture.intro else shown

    @property
    def picture(self) -> Part | None:
        """The last figure or table: a figure takes the place of a table before it."""
        pictures = [part for part in self.parts if part.kind in {"figure", "table"}]
        return pictures[-1] if pictures else None

    @property
    def notes(self) -> list[str]:
        """All that the chapter says here."""
        return [part.note for part in self.parts if part.note]

    @property
    def size(self) -> int:
        """How many letters there are beside the picture."""
        return sum(part.size for part in self.parts if part.kind == "words")

    @property
    def classes(self) -> str:
        """What the style of the slide depends on."""
        names = ["slide", f"slide-{self.kind}"]
        if picture := self.picture:
            names += (
                [f"with-{picture.kind}"] + ["tall"] * picture.tall + ["alone"] * (not self.words)
            )
        elif self.kind == "point" and self.size < FEW:
            names += ["few"]
        return " ".join(names)

    def has_room(self, part: Part) -> bool:
        """Tell whether a part can stand on this slide, too."""
        parts = [*self.parts, part]
        picture = Slide("", parts=parts).picture
        words = [it for it in parts if it.kind == "words"]
        if part.kind == "silent" or not picture:
            return True
        if part.kind == "table" and self.picture:
            return False
        if part.kind == "figure" and self.picture and self.picture.kind == "figure":
            return False
        room = NARROW if picture.tall else BESIDE
        return sum(it.size for it in words) <= room and not any(it.wide for it in words)


def introduced(part: Part) -> str:
    """Return the HTML of a part, an equation after the sentence that leads to it."""
    leads = part.intro and part.html.startswith('<div class="math"')
    return f"<p>{part.intro}</p>{part.html}" if leads else part.html


def slides_of(heading: str, parts: list[Part]) -> list[Slide]:
    """Lay out a section."""
    slides = [Slide(heading)]
    for part in parts:
        if part.kind in {"quiz", "explorable"}:
            slides += [Slide(part.heading, part.kind, [part]), Slide(heading)]
            continue
        if not slides[-1].has_room(part):
            slides.append(Slide(heading))
        slides[-1].parts.append(part)
    return [half for slide in important(slides) for half in halves(slide)]


def important(slides: list[Slide]) -> list[Slide]:
    """Leave out slides that show nothing important, and give their notes to a neighbour.

    A table alone is important if its section has nothing else.
    """
    other = any(part.kind in {"figure", "words"} for slide in slides for part in slide.parts)
    kept: list[Slide] = []
    waiting: list[Part] = []
    for slide in slides:
        needless = other and slide.picture and slide.picture.kind == "table"
        if slide.size or slide.kind != "point" or (slide.picture and not needless):
            slide.parts, waiting = waiting + slide.parts, []
            kept.append(slide)
            continue
        silent = [Part("silent", "", part.note) for part in slide.parts]
        (kept[-1].parts if kept else waiting).extend(silent)
    return kept


def halves(slide: Slide) -> list[Slide]:
    """Share what is too much for one slide evenly among several."""
    count = ceil(slide.size / CROWDED)
    if slide.picture or count < 2:
        return [slide]
    shares = [Slide(slide.heading, slide.kind) for _ in range(count)]
    done = 0
    for part in slide.parts:
        middle = done + part.size / 2
        shares[min(int(middle * count / slide.size), count - 1)].parts.append(part)
        done += part.size if part.kind == "words" else 0
    return [share for share in shares if share.words]
