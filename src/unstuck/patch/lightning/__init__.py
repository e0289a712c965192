"""Changes as one writes them in Lightning, where its Trainer has the loop; all else is torch."""
