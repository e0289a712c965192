"""What we promise about time and memory, measured side by side: ``python -m benchmarks``."""
