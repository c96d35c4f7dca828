# The clinician's viewer: exact, short, nothing claimed that was not checked.
crashed = This page stopped. Nothing was lost: please reload it, or scan the code again.
