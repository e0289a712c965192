"""A diagnosis in which every text would be markup, a command or a trick, if it were taken for one."""

from __future__ import annotations

from made import cause, curved, note, prescription, suspect

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import Evidence, NotRun
from unstuck.core.recording import Where
from unstuck.core.trial import Patch

NASTY = "<script>alert(1)</script>.py"
LAYER = "\"><img src=x onerror='alert(2)'>"
CLASS = "Net&<svg/onload=alert(3)>"
TURNED = "safe\u202e\x00\x1b[31m\ud800"


def nasty() -> Diagnosis:
    """A diagnosis in which every text is hostile."""
    where = Where(NASTY, 6)
    evidence = (Evidence(LAYER, 1.0, 2.0, CLASS, TURNED),)
    patch = Patch({}, f"--- a/{NASTY}\n+++ b/{NASTY}\n@@ -1 +1 @@\n-</script>{LAYER}\n+{CLASS}\n")
    return curved(
        script=NASTY,
        sentence=f"Stuck: {NASTY} {TURNED}",
        findings=(
            cause(message=f"{LAYER} {CLASS}", where=where, evidence=evidence),
            suspect(message=CLASS, where=where, because=f"not proved: {LAYER}"),
            note(message=LAYER, where=where, explained_by=CLASS),
        ),
        prescription=prescription(say=(f"{LAYER} {TURNED}", CLASS), patch=patch),
        not_run=(NotRun("rule", LAYER, CLASS), NotRun("patch", NASTY, TURNED)),
        run_folder=NASTY,
    )
