"""A torch model given to `unstuck.diagnose`: a copy of it is trained here under the recorder."""
