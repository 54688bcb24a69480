"""What is read and written: paths, verified sources, raw readers and the contract of every table."""
