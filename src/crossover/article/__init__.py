"""What goes into an article: packages of figures, checks of their files, quotations."""
