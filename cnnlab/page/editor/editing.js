// The text area of an editor: line numbers, indentation, and a way out by keyboard.
"use strict";
window.cnnEditor = { tables: {}, folder: document.currentScript.src.replace(/[^/]*$/, "") };

// Indent a new line as the one before, and more after a colon; go back by whole steps. The keyboard
// of a phone tells what it does here, and not which key it was.
cnnEditor.indented = function (area, event, step, insert) {
  const { selectionStart, selectionEnd, value } = area;
  const line = value.slice(value.lastIndexOf("\n", selectionStart - 1) + 1, selectionStart);
  if (/^insert(LineBreak|Paragraph)$/.test(event.inputType)) {
    event.preventDefault();
    const more = /:\s*(#.*)?$/.test(line) ? step : "";
    insert(`\n${" ".repeat(line.search(/\S|$/))}${more}`);
  } else if (event.inputType === "deleteContentBackward" && selectionStart === selectionEnd) {
    const back = line.length % step.length || step.length;
    if (line.length > 1 && !line.trim() && back > 1) {
      event.preventDefault();
      area.setSelectionRange(selectionStart - back, selectionStart);
      insert("");
    }
  }
};

cnnEditor.editing = function (area, numbers) {
  const STEP = "    ";
  let leaving = false;

  // What the browser itself inserts can be undone.
  function insert(text) {
    const done = document.execCommand?.(text ? "insertText" : "delete", false, text);
    if (!done) {
      area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  // Move the lines of the selection by one step, in or out.
  function shift(out) {
    const { value, selectionStart, selectionEnd } = area;
    const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const lines = value.slice(start, selectionEnd).split("\n");
    const moved = lines.map((line) => (out ? line.replace(/^ {1,4}/, "") : line && STEP + line));
    area.setSelectionRange(start, selectionEnd);
    insert(moved.join("\n"));
    const first = selectionStart + moved[0].length - lines[0].length;
    const last = start + moved.join("\n").length;
    area.setSelectionRange(Math.max(start, first), last);
  }

  function renumber() {
    const count = area.value.split("\n").length;
    const texts = Array.from({ length: count }, (_, line) => line + 1);
    numbers.textContent = texts.join("\n");
    area.rows = count;
    area.parentElement.style.setProperty("--ed-lines", count);
  }

  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leaving = true;
    else if (event.key === "Tab" && !leaving) {
      event.preventDefault();
      const { selectionStart, selectionEnd, value } = area;
      const several = value.slice(selectionStart, selectionEnd).includes("\n");
      if (event.shiftKey || several) shift(event.shiftKey);
      else insert(STEP);
    } else if (event.key !== "Tab" && event.key !== "Shift") leaving = false;
  });
  area.addEventListener("focus", () => (leaving = false));

  area.addEventListener("beforeinput", (event) => cnnEditor.indented(area, event, STEP, insert));
  area.addEventListener("input", renumber);
  return renumber;
};
