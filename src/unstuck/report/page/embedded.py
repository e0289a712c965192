"""Text inside a script element, which no text can end."""

from __future__ import annotations

import json

from markupsafe import Markup


def in_script(text: str) -> Markup:
    """Return text as JSON that cannot end the script element that it stands in."""
    safe = json.dumps(text).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(safe)
