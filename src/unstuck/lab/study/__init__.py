"""Studies: what is asked of which networks. Belongs here: study files, their cells, their rows."""
