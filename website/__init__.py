"""The project's site: pages that are made of what is here, and of runs that the build makes; `python -m website`."""
