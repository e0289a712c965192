"""A Diagnosis as one HTML file: pictures first, nothing fetched, every word of the user's escaped.

Belongs here: the template, its style and its one script, and what is put into them. Charts are in
`report.picture`.
"""
