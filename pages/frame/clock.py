"""Running clocks of a meeting: drawn in the browser, so that no rerun is spent on a second that passes."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import streamlit as st

_HTML = "<div class='clocks'></div>"
_CSS = """
.clocks { display: flex; gap: 1.5rem; font-family: var(--st-font); color: var(--st-text-color); }
.clock { display: flex; align-items: baseline; gap: 0.5rem; white-space: nowrap; }
.clock b { font-size: 1.25rem; font-weight: 650; font-variant-numeric: tabular-nums; }
.clock span { font-size: 0.8125rem; color: var(--st-gray-text-color); }
.clock.over b, .clock.over span { color: var(--st-red-text-color); }
.large { gap: 2.5rem; } .large .clock { flex-direction: column; gap: 0; }
.large .clock b { font-size: 2.5rem; line-height: 1.1; } .large .clock span { font-size: 1rem; }
@media (max-height: 800px) {
  .large { gap: 1.25rem; flex-wrap: wrap; } .large .clock { flex-direction: row; gap: 0.375rem; }
  .large .clock b { font-size: 1.5rem; } .large .clock span { font-size: 0.8125rem; }
}
"""
_JS = """
// keys that step are typed into a text field: Escape leaves it, except where it has a meaning of its own
const leave = (event) => {
  const field = document.activeElement
  const own = "[role=dialog], [aria-expanded=true], [data-testid=stDataFrame], .gdg-clip-region"
  if (event.key === "Escape" && field?.matches("input, textarea") && !field.closest(own)) field.blur()
}

const words = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`

export default function ({ data, parentElement }) {
  const began = performance.now()
  const root = parentElement.querySelector(".clocks")
  clearInterval(root.beat)
  if (data.large && root.item !== data.item)
    document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0)  // a new item begins at the top
  root.item = data.item
  root.className = `clocks ${data.large ? "large" : ""}`
  root.replaceChildren(...data.clocks.map(() => {
    const clock = document.createElement("div")
    clock.setAttribute("role", "timer")
    clock.append(document.createElement("span"), document.createElement("b"), document.createElement("span"))
    return clock
  }))
  const show = () => data.clocks.forEach((clock, position) => {
    const passed = clock.seconds + (performance.now() - began) / 1000
    const left = 60 * clock.minutes - passed
    const [name, time, rest] = root.children[position].children
    name.textContent = clock.name
    time.textContent = words(passed)
    rest.textContent = left >= 0 ? `of ${words(60 * clock.minutes)}` : `over by ${words(-left)}`
    root.children[position].className = left >= 0 ? "clock" : "clock over"
  })
  show()
  root.beat = setInterval(show, 1000)
  document.addEventListener("keydown", leave)  // the same function once, however often it is added
  return () => {
    clearInterval(root.beat)
    document.removeEventListener("keydown", leave)
  }
}
"""


@dataclass(frozen=True)
class Clock:
    """A clock that runs. seconds: passed so far; minutes: planned, after which it says that it is over"""

    name: str
    seconds: float
    minutes: float


def clocks(*shown: Clock, key: str, large: bool = False, item: str = "") -> None:
    """Clocks side by side, in large type for the page that the room looks at.

    item: what the clocks are about; where it changes, the page is shown from its top
    """
    mount = st.components.v2.component("meeting_clocks", html=_HTML, css=_CSS, js=_JS)
    mount(key=key, data={"clocks": [asdict(clock) for clock in shown], "large": large, "item": item})
