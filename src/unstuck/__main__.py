"""`python -m unstuck`, for where the console script is not on the path."""

from unstuck.cli import main

if __name__ == "__main__":
    main()
