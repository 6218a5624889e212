"""How fast we answer whom, and where we fall behind. docs/analytics.md says what each figure means.

What happened in a conversation (`history`) is reckoned into facts (`reckoning`), facts are added up by day (`tallies`),
and a page's figures are read from these (`report`).
"""
