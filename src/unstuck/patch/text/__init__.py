"""Source as text: parsed files, splices, statements, elements, numbers."""
