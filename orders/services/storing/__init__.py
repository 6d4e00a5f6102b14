"""Storing what an import has read, a batch at a time: one file per noun, each a constant number of statements."""
