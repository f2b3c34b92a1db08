"""What every page shares: the session, the title line, the impact strip, filters, levers and the record of a
review.
"""
