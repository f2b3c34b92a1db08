"""Parts of a plan as plotly figures in plain dicts, one module per review; the notation stands in `style`."""
