"""Watch the multilayer perceptrons of scikit-learn being fitted; neither it nor torch is imported here."""
