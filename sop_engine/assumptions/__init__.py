"""Assumptions held against what came: the actual so far, what the plan says of the periods to come, and the
families and money that lean on each. Nothing here is a fact of the data; it is what people took for granted.
"""
