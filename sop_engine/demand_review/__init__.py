"""The demand review: history, statistical baseline, price effects and the consensus built on them."""
