"""`make bench`: how fast the box is and what it takes, measured on the machine at hand."""
