"""One module a figure: `prepare` the data as drawn, `draw` the figure, `describe` it in words."""
