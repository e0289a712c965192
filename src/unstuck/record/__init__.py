"""Watch a run and write down what it did; nothing is concluded here."""
