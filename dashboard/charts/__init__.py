"""One file per chart: rows in, a plain figure in the Plotly schema or inline SVG out. Colours are names of tokens."""
