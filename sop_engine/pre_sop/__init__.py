"""Before the executive meeting: where the plans do not meet, ranked in money, and one family followed
through all of them."""
