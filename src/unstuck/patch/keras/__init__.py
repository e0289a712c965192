"""Changes as one writes them in Keras: in ``compile``, in ``fit``, in the layers' arguments.

Each writer takes the edits of one kind. Where a script with Keras has a loop of its own, the writers for
torch are asked.
"""
