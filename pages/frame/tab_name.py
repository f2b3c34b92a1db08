"""The name under which a browser tab records: the tab keeps it, so that a reload does not forget it, and no
link or other person is given it.
"""

from __future__ import annotations

import streamlit as st

KEY = "tab_name"
_JS = """
export default function ({ data, setStateValue }) {
  const kept = sessionStorage.getItem("sop_who")
  if (data.who) sessionStorage.setItem("sop_who", data.who)
  else if (kept) setStateValue("who", kept)
}
"""


def keep_name() -> None:
    """Hands this session's name to the tab, or takes the one that the tab kept where the session has none."""
    mount = st.components.v2.component(KEY, js=_JS)
    who = st.session_state.get("who", "")
    kept = mount(key=KEY, data={"who": who}, default={"who": ""}, on_who_change=lambda: None)
    if not who and kept.who:
        st.session_state.who = kept.who.strip()
