"""How a chapter opens: place, question, goals and picture, as they stand on the desk."""

import sys

from support.book import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))

import course

CHAPTERS = course.chapters(ROOT)
PICTURE_ENDS = 600  # pixels from the top of the window, at the latest

OPENING = """() => {
    const text = selector => document.querySelector(selector)?.innerText.trim();
    const picture = document.querySelector(".opening-figure").getBoundingClientRect();
    return {
        place: text(".chapter-place"), question: text(".question"),
        goals: [...document.querySelectorAll(".goals li")].length,
        top: picture.top, bottom: picture.bottom, height: picture.height,
        name: document.querySelector(".opening-figure").ariaLabel,
        neighbors: [...document.querySelectorAll(".course-bar a")].map(link => link.ariaLabel),
        offered: !document.querySelector(".chapter-end").hidden,
        folded: [...document.querySelectorAll("details.fold pre")].some(
            code => /^(import|from) /m.test(code.textContent)),
    };
}"""


def faults_of_opening(page, chapter):
    """Compare what opens a page with what the sources say of the chapter; name what differs."""
    found, names = page.evaluate(OPENING), list(CHAPTERS)
    place = f"Chapter {chapter.number} of {len(CHAPTERS)}, {chapter.minutes} min"
    right = {
        "place": chapter.part in found["place"] and found["place"].endswith(place),
        "question": found["question"] == chapter.question,
        "goals": found["goals"] == 3,
        "picture": 0 < found["top"] and found["bottom"] < PICTURE_ENDS,
        "size": found["height"] > 100 and len(found["name"]) > 40,
        "end": found["offered"],
        "setup": found["folded"],
        "neighbors": len(found["neighbors"]) == 2,
    }
    at = names.index(chapter.name)
    if 0 < at < len(names) - 1:
        around = CHAPTERS[names[at - 1]].title, CHAPTERS[names[at + 1]].title
        pairs = zip(around, found["neighbors"], strict=True)
        right["titles"] = all(title in label for title, label in pairs)
    return [f"its opening has another {what}" for what, is_so in right.items() if not is_so]
