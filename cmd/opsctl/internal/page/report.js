"use strict";
// Shows the screens of a session. All text is set as text; nothing of it is ever markup or code.
for (const box of document.querySelectorAll(".film")) {
  const film = JSON.parse(document.getElementById(box.dataset.film).textContent);
  const part = (name) => box.querySelector(`[data-do="${name}"]`);
  const screen = box.querySelector(".screen");
  const now = box.querySelector(".now");
  const longest = 2000; // of a pause, in milliseconds: nobody waits for an operator who thinks
  let at = 0;
  let timer = 0;

  // A frame changes some rows of the one before it, or all.
  let rows = [];
  const frames = film.frames.map(([ms, command, whole, ...numbers]) => {
    if (whole) {
      rows = numbers;
    } else {
      rows = rows.slice();
      for (let i = 0; i < numbers.length; i += 2) {
        while (rows.length <= numbers[i]) rows.push(-1);
        rows[numbers[i]] = numbers[i + 1];
      }
    }
    return { ms, command, rows };
  });

  const clock = (ms) => {
    const two = (n) => String(Math.floor(n)).padStart(2, "0");
    return `${two(ms / 3600000)}:${two((ms / 60000) % 60)}:${two((ms / 1000) % 60)}`;
  };

  const draw = (line) => {
    const row = document.createElement("div");
    row.style.height = "1.25em";
    for (const [text, style, cells] of film.lines[line] || []) {
      const [color, ground, marks] = film.styles[style];
      const run = document.createElement("span");
      run.textContent = text;
      if (cells !== undefined) run.style.width = `${cells}ch`;
      if (color) run.style.color = color;
      if (ground) run.style.backgroundColor = ground;
      if (marks.includes("b")) run.style.fontWeight = "700";
      if (marks.includes("i")) run.style.fontStyle = "italic";
      const lines = [marks.includes("u") && "underline", marks.includes("s") && "line-through"].filter(Boolean);
      if (lines.length) run.style.textDecorationLine = lines.join(" ");
      if (marks.includes("h")) run.style.borderBottom = "1px dotted";
      row.append(run);
    }
    return row;
  };

  const show = (n) => {
    at = Math.max(0, Math.min(frames.length - 1, n));
    const frame = frames[at];
    screen.replaceChildren(...Array.from({ length: film.rows }, (_, y) => draw(frame.rows[y])));
    part("seek").value = at;
    const where = `${clock(frame.ms)} / ${clock(frames[frames.length - 1].ms)}${frame.command ? ` · #${frame.command}` : ""}`;
    now.textContent = `${now.dataset.time} ${where}`;
    part("seek").setAttribute("aria-valuetext", where);
    part("goto").value = frame.command;
  };

  const pause = () => {
    clearTimeout(timer);
    timer = 0;
    part("play").textContent = part("play").dataset.play;
  };
  const next = () => {
    if (at + 1 >= frames.length) {
      pause();
      return;
    }
    const wait = Math.min(longest, frames[at + 1].ms - frames[at].ms) / Number(part("speed").value);
    timer = setTimeout(() => {
      show(at + 1);
      next();
    }, wait);
  };
  const play = () => {
    if (timer) {
      pause();
      return;
    }
    if (at + 1 >= frames.length) show(0);
    part("play").textContent = part("play").dataset.pause;
    next();
  };

  // A command's frames follow one another; the first shows where it begins. Of a command that was left out, the next one's.
  const first = (command) => {
    const n = frames.findIndex((f) => f.command >= command);
    return n < 0 ? frames.length - 1 : n;
  };
  const go = (n) => {
    pause();
    show(n);
  };
  const before = () => {
    const start = first(frames[at].command);
    go(at > start || start === 0 ? start : first(frames[start - 1].command));
  };
  const after = () => {
    const n = frames.findIndex((f, i) => i > at && f.command !== frames[at].command);
    go(n < 0 ? frames.length - 1 : n);
  };

  part("play").addEventListener("click", play);
  part("before").addEventListener("click", before);
  part("after").addEventListener("click", after);
  part("seek").addEventListener("input", (e) => go(Number(e.target.value)));
  part("goto").addEventListener("change", (e) => go(Number(e.target.value) ? first(Number(e.target.value)) : 0));
  screen.addEventListener("keydown", (e) => {
    const keys = { " ": play, ArrowLeft: () => go(at - 1), ArrowRight: () => go(at + 1), n: after, p: before, Home: () => go(0), End: () => go(frames.length - 1) };
    if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    keys[e.key]();
  });

  part("seek").max = frames.length - 1;
  box.style.setProperty("--cols", film.cols);
  box.style.setProperty("--rows", film.rows);
  box.previousElementSibling.hidden = true; // the sentence for those without scripts
  box.hidden = false;
  show(0);
}
