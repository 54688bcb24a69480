"""What a reader gets: style, figures, export and the facts that prose quotes."""
