"""The song model: from labelled clips to a model folder, and what it is worth, by artist."""
