"""Phase diagrams: which trainings of a grid learn, as maps of shares. Belongs here: what shows a study."""
